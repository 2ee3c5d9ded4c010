//! Where things lie that a test needs: the built program, tools, and what a test leaves to be looked at.

use std::path::{Path, PathBuf};

/// The folder of the build in which this test lies, e.g. `target/debug`.
fn build() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().to_owned()
}

/// The program lies beside the folder in which this test does: `cargo build -p gantry` puts it there.
pub fn program() -> PathBuf {
    let program = build().join("gantry");
    assert!(program.exists(), "no program at {}: `cargo build -p gantry`", program.display());
    program
}

/// A folder under `target` for what is not built.
pub fn folder(name: &str) -> PathBuf {
    let folder = build().parent().unwrap().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file of the tools that `./test` fetches.
pub fn tool(name: &str) -> PathBuf {
    let tool = folder("tools").join(name);
    assert!(tool.exists(), "no {}: `./test --tools` fetches it", tool.display());
    tool
}

/// Whether the long tests are wanted.
pub fn soak() -> bool {
    std::env::var("GANTRY_SOAK").is_ok_and(|value| value == "1")
}
