//! Which delimiter a CSV file uses, guessed from its first rows.

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const SAMPLE_ROWS: usize = 20;

/// The delimiter of a first line `sep=;`, which spreadsheets write.
pub(super) fn announced(sample: &[u8]) -> Option<u8> {
    match sample.strip_prefix(b"sep=")? {
        [delimiter, b'\r' | b'\n', ..] if delimiter.is_ascii() => Some(*delimiter),
        _ => None,
    }
}

/// The candidate that splits the first rows most alike; `columns` is the number of columns where
/// it is known without a header.
pub(super) fn guess(sample: &[u8], columns: Option<usize>) -> u8 {
    let rows = counts(sample);
    let Some(head) = rows.first() else { return b',' };
    let mut best = (b',', (0, 0));
    for (at, delimiter) in CANDIDATES.into_iter().enumerate() {
        let count_in = |row: &[usize; 4]| row.get(at).copied().unwrap_or(0);
        let wanted = columns.map_or_else(|| count_in(head), |columns| columns.saturating_sub(1));
        let alike = rows.iter().filter(|row| count_in(row) == wanted).count();
        let score = if count_in(head) == 0 { (0, 0) } else { (alike, wanted) };
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// How often each candidate stands outside quotation marks, row by row.
fn counts(sample: &[u8]) -> Vec<[usize; 4]> {
    let mut rows = Vec::new();
    let mut row = [0; 4];
    let mut quoted = false;
    let mut empty = true;
    for byte in sample {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                if !empty {
                    rows.push(row);
                }
                row = [0; 4];
                empty = true;
                if rows.len() == SAMPLE_ROWS {
                    return rows;
                }
                continue;
            }
            _ if quoted => {}
            _ => {
                for (candidate, count) in CANDIDATES.iter().zip(&mut row) {
                    *count += usize::from(candidate == byte);
                }
            }
        }
        empty = false;
    }
    // The last row of the sample may be cut.
    if rows.is_empty() && !empty {
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_splits_the_rows_alike() {
        assert_eq!(guess(b"a,b,c\n1,2,3\n", None), b',');
        assert_eq!(guess(b"name, first;city\nX, Y;1,5\nZ;2\n", None), b';');
        assert_eq!(guess(b"a\tb\n1\t2,5\n", None), b'\t');
        assert_eq!(guess(b"1|637|A, B|x\n2|635|C, D|y\n", Some(4)), b'|');
        assert_eq!(guess(b"\"a,b,c\";d\n", None), b';');
        assert_eq!(guess(b"email\nx@example.com\n", None), b',');
        assert_eq!(guess(b"", None), b',');
    }

    #[test]
    fn a_spreadsheet_may_announce_it() {
        assert_eq!(announced(b"sep=;\r\na;b"), Some(b';'));
        assert_eq!(announced(b"sep=a"), None);
        assert_eq!(announced(b"separator;b\n"), None);
    }
}
