//! Black-box tests live in `tests/black_box/`.
