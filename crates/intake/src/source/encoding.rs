//! From the bytes of a file to UTF-8.
//!
//! Without a byte order mark the whole file is scanned once: it is UTF-8 where that fits (a few
//! broken sequences among many good ones are faults of their rows), else Windows-1252.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Input;

const CHUNK: usize = 64 * 1024;

/// Text whose bytes are UTF-8, except where a file that should be UTF-8 is broken.
pub(super) type Text = Box<dyn BufRead + Send>;

/// Finds the encoding of `input` and leaves it where it began.
pub(super) fn detect(input: &mut dyn Input) -> io::Result<&'static Encoding> {
    let found = scan(input)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(found)
}

/// `input` from its beginning, as UTF-8 and without a byte order mark.
pub(super) fn text(mut input: Box<dyn Input>, encoding: &'static Encoding) -> io::Result<Text> {
    input.seek(SeekFrom::Start(0))?;
    if encoding != UTF_8 {
        return Ok(Box::new(Transcoder::new(input, encoding)));
    }
    let mut reader = BufReader::with_capacity(CHUNK, input);
    if reader.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        reader.consume(3);
    }
    Ok(Box::new(reader))
}

fn scan(input: &mut dyn Input) -> io::Result<&'static Encoding> {
    input.seek(SeekFrom::Start(0))?;
    let mut chunk = vec![0; CHUNK];
    let mut kept = 0;
    let mut tally = Tally::default();
    let mut first = true;
    loop {
        let space = chunk.get_mut(kept..).unwrap_or_default();
        let read = read_some(input, space)?;
        let bytes = chunk.get(..kept + read).unwrap_or_default();
        if first {
            if let Some(found) = by_first_bytes(bytes) {
                return Ok(found);
            }
            first = false;
        }
        if read == 0 {
            tally.broken += usize::from(kept > 0);
            return Ok(tally.verdict());
        }
        let rest = tally.add(bytes);
        let start = bytes.len() - rest;
        chunk.copy_within(start..start + rest, 0);
        kept = rest;
    }
}

fn read_some(input: &mut dyn Input, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(space) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A byte order mark, or the zero bytes that Latin text has in UTF-16.
fn by_first_bytes(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let sample = bytes.get(..bytes.len().min(4096) & !1).unwrap_or_default();
    let zeros = |odd: usize| {
        sample.iter().enumerate().filter(|(at, byte)| **byte == 0 && at % 2 == odd).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let enough = sample.len() / 8;
    if odd > enough && even * 8 <= odd {
        Some(UTF_16LE)
    } else if even > enough && odd * 8 <= even {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// How much of a file is UTF-8 beyond ASCII, and how much cannot be.
#[derive(Default)]
struct Tally {
    good: usize,
    broken: usize,
}

impl Tally {
    /// Counts, and says how many bytes at the end are the beginning of a character.
    fn add(&mut self, mut bytes: &[u8]) -> usize {
        loop {
            let Err(error) = std::str::from_utf8(bytes) else {
                self.good += beyond_ascii(bytes);
                return 0;
            };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            self.good += beyond_ascii(valid);
            let Some(length) = error.error_len() else { return rest.len() };
            self.broken += 1;
            bytes = rest.get(length..).unwrap_or_default();
        }
    }

    fn verdict(&self) -> &'static Encoding {
        if self.good >= self.broken.saturating_mul(4) { UTF_8 } else { WINDOWS_1252 }
    }
}

fn beyond_ascii(valid: &[u8]) -> usize {
    if valid.is_ascii() { 0 } else { valid.iter().filter(|byte| **byte >= 0xC0).count() }
}

/// Reads one encoding and gives UTF-8.
struct Transcoder {
    input: Box<dyn Input>,
    decoder: Decoder,
    read: Vec<u8>,
    decoded: Vec<u8>,
    taken: usize,
    last: bool,
}

impl Transcoder {
    fn new(input: Box<dyn Input>, encoding: &'static Encoding) -> Transcoder {
        let decoder = encoding.new_decoder();
        let read = vec![0; CHUNK / 4];
        Transcoder { input, decoder, read, decoded: Vec::new(), taken: 0, last: false }
    }
}

impl BufRead for Transcoder {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.decoded.len() && !self.last {
            let read = read_some(&mut *self.input, &mut self.read)?;
            self.last = read == 0;
            let bytes = self.read.get(..read).unwrap_or_default();
            // The most that these bytes can become, so that the decoder takes all of them.
            let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(CHUNK);
            self.decoded.resize(room, 0);
            let (_, _, written, _) =
                self.decoder.decode_to_utf8(bytes, &mut self.decoded, self.last);
            self.decoded.truncate(written);
            self.taken = 0;
        }
        Ok(self.decoded.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, taken: usize) {
        self.taken = (self.taken + taken).min(self.decoded.len());
    }
}

impl Read for Transcoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn detected(bytes: &[u8]) -> &'static str {
        detect(&mut Cursor::new(bytes.to_vec())).unwrap().name()
    }

    fn read(bytes: &[u8]) -> String {
        let mut input: Box<dyn Input> = Box::new(Cursor::new(bytes.to_vec()));
        let encoding = detect(&mut *input).unwrap();
        let mut all = String::new();
        text(input, encoding).unwrap().read_to_string(&mut all).unwrap();
        all
    }

    #[test]
    fn marks_and_zero_bytes_tell_the_encoding() {
        assert_eq!(detected(b"\xEF\xBB\xBFa,b"), "UTF-8");
        assert_eq!(detected(b"\xFF\xFEa\0,\0"), "UTF-16LE");
        assert_eq!(detected(b"a\0,\0b\0\n\0"), "UTF-16LE");
        assert_eq!(detected(b"\0a\0,\0b\0\n"), "UTF-16BE");
        assert_eq!(detected("Jyväskylä".as_bytes()), "UTF-8");
        assert_eq!(detected(b"Jyv\xE4skyl\xE4"), "windows-1252");
        assert_eq!(detected(b""), "UTF-8");
    }

    #[test]
    fn one_broken_sequence_among_many_good_ones_is_still_utf_8() {
        let mut bytes = "ä".repeat(100_000).into_bytes();
        bytes.push(0xC3);
        assert_eq!(detected(&bytes), "UTF-8");
    }

    #[test]
    fn a_character_across_two_chunks_is_not_broken() {
        let mut bytes = vec![b'a'; CHUNK - 1];
        bytes.extend("ä".as_bytes());
        assert_eq!(detected(&bytes), "UTF-8");
    }

    #[test]
    fn every_encoding_reads_as_the_same_text() {
        let wanted = "näme;Ort €\n".repeat(20_000);
        let (latin, _, _) = WINDOWS_1252.encode(&wanted);
        let wide: Vec<u8> = wanted.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xEF\xBB\xBF", wanted.as_bytes()].concat();
        for bytes in [wanted.as_bytes(), &latin, &wide, &marked] {
            assert!(read(bytes) == wanted, "{:?}", bytes.get(..8));
        }
    }
}
