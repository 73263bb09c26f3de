//! Where a key set comes from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use jwtverify_core::Error as Code;

use crate::document::Failure;
use crate::fetch::Response;
use crate::text;
use crate::url::SourceUrl;

/// Where a key set comes from: one of these, settled when it is built.
#[derive(Debug)]
pub(crate) enum Source {
    /// These addresses, the first that has a usable set.
    Urls(Vec<SourceUrl>),
    /// The address that the issuer's document names.
    Issuer { issuer: String, document: SourceUrl },
    /// A file, read anew as often as an address would be asked.
    File(PathBuf),
    /// What the program brought along: it never changes.
    Static,
}

/// How a set that the program brought along is shown.
pub(crate) const STATIC: &str = "given by the program";

impl Source {
    pub(crate) fn is_static(&self) -> bool {
        matches!(self, Self::Static)
    }

    /// What tells it from other sources, not fit to show: an address may hold a secret.
    pub(crate) fn identity(&self) -> String {
        match self {
            Self::Urls(urls) => {
                let urls: Vec<&str> = urls.iter().map(SourceUrl::as_str).collect();
                format!("urls {}", urls.join(" "))
            }
            Self::Issuer { issuer, document } => format!("issuer {} {issuer}", document.as_str()),
            Self::File(path) => format!("file {}", path.display()),
            Self::Static => "static".to_owned(),
        }
    }

    /// The configured issuer and the configured place, fit to show.
    pub(crate) fn shown(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Urls(urls) => (None, urls.first().map(SourceUrl::shown)),
            Self::Issuer { issuer, .. } => (Some(text::detail(issuer)), None),
            Self::File(path) => (None, Some(shown(path))),
            Self::Static => (None, Some(STATIC.to_owned())),
        }
    }
}

/// A path, fit to show.
pub(crate) fn shown(path: &Path) -> String {
    text::detail(&path.display().to_string())
}

/// Reads a file as if it had been fetched. Only a regular one: a pipe would keep the reader waiting,
/// and a device would never end.
pub(crate) fn read(path: &Path, max_bytes: usize) -> Result<Response, Failure> {
    let unreadable = |error: std::io::Error| {
        let detail = format!("{}: {error}", shown(path));
        Failure::new(Code::UnavailableConnect, detail)
    };
    let kind = std::fs::metadata(path).map_err(unreadable)?;
    if !kind.is_file() {
        let detail = format!("{}: it is no regular file", shown(path));
        return Err(Failure::new(Code::UnavailableConnect, detail));
    }
    let most = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    let mut body = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // One octet more than allowed is enough to know.
    file.take(most.saturating_add(1))
        .read_to_end(&mut body)
        .map_err(unreadable)?;
    Ok(Response::new(200, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read_and_no_more_of_them_than_allowed() {
        let missing = read(Path::new("no/such/file.json"), 10).unwrap_err();
        assert_eq!(missing.error, Code::UnavailableConnect);
        assert!(
            missing.detail.starts_with("no/such/file.json: "),
            "{}",
            missing.detail
        );
        let folder = read(Path::new(env!("CARGO_MANIFEST_DIR")), 10).unwrap_err();
        assert!(folder.detail.contains("regular"), "{}", folder.detail);
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert_eq!(read(&manifest, 10).unwrap().body.len(), 11);
        let whole = std::fs::read(&manifest).unwrap();
        assert_eq!(read(&manifest, usize::MAX).unwrap().body, whole);
    }
}
