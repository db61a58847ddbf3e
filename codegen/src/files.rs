//! Reading files that the user names, whatever they are.

use std::fs::{self, File};
use std::io::{self, Error, ErrorKind, Read};
use std::path::Path;

/// What is in a file of no more than `limit` bytes.
///
/// # Errors
///
/// [`ErrorKind::FileTooLarge`] beyond the limit; [`ErrorKind::InvalidInput`] for what is no regular file: a pipe or a
/// device may have no end, or never begin.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        let kind = ErrorKind::InvalidInput;
        return Err(Error::new(kind, "it is not a regular file"));
    }
    let too_large = || {
        let message = format!("it has more than {limit} bytes");
        Error::new(ErrorKind::FileTooLarge, message)
    };
    if metadata.len() > limit {
        return Err(too_large());
    }
    // It may grow meanwhile, or not know its length, as files of the system do.
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= limit => Ok(bytes),
        _ => Err(too_large()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_up_to_a_limit_are_read() {
        let path = std::env::temp_dir().join(format!("pack-codegen-files-{}", std::process::id()));
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it has more than 4 bytes");
        fs::remove_file(&path).unwrap();
        assert_eq!(read(&path, 5).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_end_is_not_read() {
        // A file whose length the system gives as 0.
        let error = read(Path::new("/proc/self/maps"), 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        for path in ["/dev/zero", "/dev/null", "/proc"] {
            let error = read(Path::new(path), 5).unwrap_err();
            assert_eq!(error.to_string(), "it is not a regular file", "{path}");
        }
        let pipe = std::env::temp_dir().join(format!("pack-codegen-pipe-{}", std::process::id()));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = crate::Config::path(&pipe).generate(crate::Side::Host);
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with(": it is not a regular file"), "{error}");
        let wasm = pipe.with_extension("wasm");
        fs::rename(&pipe, &wasm).unwrap();
        let error = crate::Config::path(&wasm).generate(crate::Side::Host);
        let error = error.unwrap_err().to_string();
        fs::remove_file(&wasm).unwrap();
        assert!(error.contains(": it is not a regular file"), "{error}");
    }
}
