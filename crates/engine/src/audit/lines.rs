//! A file of checkpoints, one a line. Several processes of a machine may write to the same one.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::audit::checkpoint::{Checkpoint, Numbered};
use crate::audit::error::AuditError;
use crate::audit::name::{beside, folder};
use crate::audit::spool::put_on_disk;

/// At most this many bytes in a line: [`MAX_HEADS`] take about 150 each.
const MAX_LINE: u64 = 256 << 10;
/// At most this many chains in a checkpoint; more are signed in several.
pub(crate) const MAX_HEADS: usize = 1_000;
/// How every line begins.
const OPENING: &[u8] = b"{\"store\":\"";

/// The place of the last line that is `ours`; `None` where there is none, or no file.
pub(crate) fn last(
    path: &Path,
    ours: impl Fn(&Checkpoint) -> bool,
) -> Result<Option<Numbered>, AuditError> {
    let end = match File::open(path) {
        Ok(mut file) => End::of(&mut file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => Err(cause),
    };
    Ok(end.map_err(|cause| AuditError::file("read", path, cause))?.last(ours))
}

/// Appends a checkpoint and puts it on disk. `make` makes it, told the place of the last line that
/// is `ours`, while no other process can write to the file: no number is given twice.
pub(crate) fn append(
    path: &Path,
    ours: impl Fn(&Checkpoint) -> bool,
    make: impl FnOnce(Option<Numbered>) -> Checkpoint,
) -> Result<Checkpoint, AuditError> {
    let written = || -> io::Result<Checkpoint> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).read(true).append(true).open(path)?;
        file.lock()?;
        let end = End::of(&mut file)?;
        end.mend(&mut file)?;
        let whole = file.metadata()?.len();
        let checkpoint = make(end.last(ours));
        let mut line = serde_json::to_vec(&checkpoint)?;
        line.push(b'\n');
        let put = file.write_all(&line).and_then(|()| file.sync_data());
        if let Err(cause) = put {
            // Nobody knows what is on disk. Whoever writes next gives the same number to another,
            // and what cannot be cut off now is cut off or counted then.
            let _ = file.set_len(whole);
            return Err(cause);
        }
        if whole == 0 {
            // A file's name survives the machine only once its folder is on disk.
            put_on_disk(folder(path))?;
        }
        Ok(checkpoint)
    };
    written().map_err(|cause| AuditError::file("write", path, cause))
}

/// Looks whether a file of checkpoints could be written to; where there is none, none is left either.
pub fn try_to_write(path: &Path) -> Result<(), AuditError> {
    let tried = match OpenOptions::new().append(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let trial = beside(path, ".trial");
            let made = OpenOptions::new().write(true).create_new(true).open(&trial);
            match made.and_then(|_| std::fs::remove_file(&trial)) {
                // Another process tries the same at this moment, or has died trying.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                tried => tried,
            }
        }
        opened => opened.map(drop),
    };
    tried.map_err(|cause| AuditError::file("write", path, cause))
}

/// The end of a file, more than its last whole line.
struct End {
    bytes: Vec<u8>,
    /// How much of it is whole lines.
    whole: usize,
    /// Where whole lines end in the file.
    kept: u64,
}

impl End {
    fn of(file: &mut File) -> io::Result<End> {
        let from = file.metadata()?.len().saturating_sub(2 * MAX_LINE);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(2 * MAX_LINE).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1);
        let kept = from + u64::try_from(whole).unwrap_or(0);
        Ok(End { bytes, whole, kept })
    }

    fn last(&self, ours: impl Fn(&Checkpoint) -> bool) -> Option<Numbered> {
        let whole = self.bytes.get(..self.whole)?;
        let lines = whole.rsplit(|&byte| byte == b'\n');
        let mut lines = lines.filter_map(|line| serde_json::from_slice(line).ok());
        lines.find(ours).map(|checkpoint: Checkpoint| checkpoint.place())
    }

    /// Removes a line that a crash cut short. What was never a line of ours is left, and ended.
    fn mend(&self, file: &mut File) -> io::Result<()> {
        let torn = self.bytes.get(self.whole..).unwrap_or_default();
        if torn.is_empty() {
            return Ok(());
        }
        let opening = torn.get(..OPENING.len()).unwrap_or(torn);
        if OPENING.starts_with(opening) { file.set_len(self.kept) } else { file.write_all(b"\n") }
    }
}

/// The lines of a file, one after the other; a line that is no checkpoint is `None`.
pub(crate) struct Lines {
    reader: Option<BufReader<File>>,
    path: PathBuf,
}

impl Lines {
    /// Those of a file; none where there is no file.
    pub(crate) fn of(path: &Path) -> Result<Lines, AuditError> {
        let reader = match File::open(path) {
            Ok(file) => Some(BufReader::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(cause) => return Err(AuditError::file("read", path, cause)),
        };
        Ok(Lines { reader, path: path.to_owned() })
    }
}

impl Iterator for Lines {
    type Item = Result<Option<Checkpoint>, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let read = self.reader.as_mut()?.take(MAX_LINE).read_until(b'\n', &mut line);
        if let Err(cause) = read {
            self.reader = None;
            return Some(Err(AuditError::file("read", &self.path, cause)));
        }
        let whole = line.ends_with(b"\n");
        // The last line counts only once it is whole: somebody may be writing it.
        if !whole && u64::try_from(line.len()).unwrap_or(0) < MAX_LINE {
            self.reader = None;
            return None;
        }
        Some(Ok(serde_json::from_slice(&line).ok().filter(|_| whole)))
    }
}
