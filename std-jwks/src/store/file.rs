//! A store that is a file.

use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::{SnapshotStore, StoreError};
use crate::source::shown;

/// Keeps a snapshot in a file of its own.
///
/// * It is replaced whole: a reader sees the old snapshot or the new one, also after a crash, and
///   whatever other processes write at the same time.
/// * On Unix the file is made for its owner alone (0600), and so is its folder (0700) if that is
///   missing. A file or a folder that the group or others may write is refused, when it is read and
///   when it is written: they could put their own keys there. Elsewhere permissions are not looked
///   at.
/// * One file is for one source. Processes with the same source may share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// A store at this path. Nothing is touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Why it failed, with the path.
    fn failed(&self, why: impl std::fmt::Display) -> StoreError {
        StoreError::new(format!("{}: {why}", shown(&self.path)))
    }
}

impl SnapshotStore for FileStore {
    fn load(&self, max_bytes: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let kind = match fs::metadata(&self.path) {
            Ok(kind) => kind,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        // A pipe would keep the reader waiting.
        if !kind.is_file() {
            return Err(self.failed("it is no regular file"));
        }
        let folder = fs::metadata(self.folder()).map_err(|error| self.failed(error))?;
        only_the_owner_writes(&folder).map_err(|why| self.failed(format!("its folder {why}")))?;
        let file = File::open(&self.path).map_err(|error| self.failed(error))?;
        // Of the file that is open: the name may stand for another one by now.
        let opened = file.metadata().map_err(|error| self.failed(error))?;
        only_the_owner_writes(&opened).map_err(|why| self.failed(format!("it {why}")))?;
        let most = u64::try_from(max_bytes).unwrap_or(u64::MAX);
        let mut octets = Vec::new();
        file.take(most.saturating_add(1))
            .read_to_end(&mut octets)
            .map_err(|error| self.failed(error))?;
        if octets.len() > max_bytes {
            return Err(self.failed(format!("it is longer than {max_bytes} octets")));
        }
        Ok(Some(octets))
    }

    fn save(&self, snapshot: &[u8]) -> Result<(), StoreError> {
        let folder = self.folder();
        if !folder.exists() {
            make_folder(folder).map_err(|error| self.failed(error))?;
        }
        let kind = fs::metadata(folder).map_err(|error| self.failed(error))?;
        only_the_owner_writes(&kind).map_err(|why| self.failed(format!("its folder {why}")))?;
        let mut temporary = Temporary::beside(&self.path).map_err(|error| self.failed(error))?;
        let moved = temporary.become_file(snapshot, &self.path);
        moved.map_err(|error| self.failed(error))?;
        // The new name is on the disk when the folder is. Where folders can't be opened, the system
        // sees to it in its own time: a crash may bring the old snapshot back, whole.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// A file that is removed again unless it took the place of the snapshot.
struct Temporary {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Temporary {
    /// In the same folder, so that it can be renamed; under a name that no other process uses.
    fn beside(target: &Path) -> std::io::Result<Self> {
        // A child after `fork()` draws the same chance as its parent, so its number counts as well.
        let process = std::process::id();
        let chance = RandomState::new().hash_one((process, std::time::SystemTime::now()));
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{process:x}-{chance:016x}.tmp"));
        let path = target.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Self {
            path,
            file,
            placed: false,
        })
    }

    fn become_file(&mut self, octets: &[u8], target: &Path) -> std::io::Result<()> {
        self.file.write_all(octets)?;
        // Before the new name: else a crash could leave an empty file under it.
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

#[cfg(unix)]
fn only_the_owner_writes(found: &Metadata) -> Result<(), String> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(format!(
        "may be written by others than its owner (mode {mode:04o})"
    ))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn only_the_owner_writes(_: &Metadata) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        entries.map(name).collect()
    }

    #[test]
    fn a_snapshot_is_replaced_whole_and_nothing_is_left_behind() {
        let folder = folder();
        let store = FileStore::new(folder.path().join("new").join("keys"));
        assert_eq!(store.load(100), Ok(None), "neither folder nor file");
        for text in ["a longer one", "short"] {
            store.save(text.as_bytes()).unwrap();
            assert_eq!(store.load(100).unwrap().unwrap(), text.as_bytes());
        }
        assert_eq!(names(&folder.path().join("new")), ["keys"]);
    }

    #[test]
    fn no_more_is_read_than_allowed() {
        let folder = folder();
        let store = FileStore::new(folder.path().join("keys"));
        store.save(&[b'x'; 100]).unwrap();
        assert!(store.load(100).is_ok());
        let error = store.load(99).unwrap_err().to_string();
        assert!(error.contains("longer than 99"), "{error}");
    }

    #[test]
    fn writers_at_the_same_time_leave_one_whole_snapshot() {
        let folder = folder();
        let store = FileStore::new(folder.path().join("keys"));
        let texts: Vec<String> = (0..4_u8)
            .map(|n| {
                char::from(b'a' + n)
                    .to_string()
                    .repeat(20_000 + usize::from(n))
            })
            .collect();
        store.save(texts[0].as_bytes()).unwrap();
        thread::scope(|scope| {
            for text in &texts {
                let store = &store;
                scope.spawn(move || {
                    for _ in 0..10 {
                        store.save(text.as_bytes()).unwrap();
                    }
                });
            }
            for _ in 0..40 {
                let seen = store.load(1 << 20).unwrap().unwrap();
                assert!(texts.iter().any(|text| text.as_bytes() == seen));
            }
        });
        assert_eq!(names(folder.path()), ["keys"]);
    }

    #[test]
    fn where_nothing_can_be_written_there_is_a_reason_and_no_rubbish() {
        let folder = folder();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("inner")).unwrap();
        for path in [file.join("keys"), taken, folder.path().join("no/such/keys")] {
            let error = FileStore::new(&path).save(b"x").unwrap_err().to_string();
            assert!(error.contains(": "), "{error}");
        }
        assert!(FileStore::new(folder.path().join("taken")).load(9).is_err());
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(left, ["file", "taken"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_or_folder_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let outer = folder();
        let folder = outer.path().join("own");
        let path = folder.join("keys");
        let store = FileStore::new(&path);
        store.save(b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));

        let set = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        for (file, around, wanted) in [
            (0o600, 0o700, None),
            (0o644, 0o755, None),
            (0o400, 0o500, None),
            (0o620, 0o700, Some("it may be written")),
            (0o602, 0o700, Some("it may be written")),
            (0o600, 0o770, Some("its folder may be written")),
            (0o600, 0o1777, Some("its folder may be written")),
        ] {
            set(&path, file);
            set(&folder, around);
            let loaded = store.load(9);
            match wanted {
                None => assert_eq!(loaded, Ok(Some(b"x".to_vec()))),
                Some(words) => {
                    let error = loaded.unwrap_err().to_string();
                    assert!(error.contains(words), "{error}");
                }
            }
        }
        let error = store.save(b"y").unwrap_err().to_string();
        assert!(error.contains("its folder"), "{error}");
        // What is refused when it is read is made good when it is written.
        set(&folder, 0o700);
        set(&path, 0o666);
        store.save(b"y").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(store.load(9), Ok(Some(b"y".to_vec())));
    }
}
