use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use lwm2m_model::limits::JSON_MAX;

use super::upload::{self, Upload};

/// The uploaded definitions as they are kept: one file each, and only whole ones.
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("objects");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(super) fn shown(&self) -> impl core::fmt::Display + '_ {
        self.folder.display()
    }

    /// In the order of their names. What is no single definition is reported and left as it is.
    pub(super) fn read(&self) -> Vec<Upload> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) => {
                tracing::error!("cannot read {}: {error}", self.shown());
                return Vec::new();
            }
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| matches!(path.extension().and_then(|end| end.to_str()), Some("xml" | "json")));
        paths.sort();
        let read = |path: &PathBuf| {
            read(path).inspect_err(|why| tracing::warn!("{} is left out: {why}", path.display())).ok()
        };
        paths.iter().filter_map(read).collect()
    }

    /// It is there when this returns, whatever happens to the machine; the one before it is there until then.
    pub(super) fn write(&self, upload: &Upload) -> io::Result<()> {
        let path = self.path(upload);
        let unfinished = path.with_added_extension("tmp");
        let mut file = File::create(&unfinished)?;
        file.write_all(upload.text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        for form in FORMS {
            let other = self.path_as(upload, form);
            if other != path {
                remove_if_there(&other)?;
            }
        }
        self.sync()
    }

    pub(super) fn remove(&self, upload: &Upload) -> io::Result<()> {
        for form in FORMS {
            remove_if_there(&self.path_as(upload, form))?;
        }
        self.sync()
    }

    fn path(&self, upload: &Upload) -> PathBuf {
        self.path_as(upload, if upload.text.trim_start().starts_with('<') { "xml" } else { "json" })
    }

    fn path_as(&self, upload: &Upload, form: &str) -> PathBuf {
        let (id, version) = upload.key();
        self.folder.join(format!("{id}-{version}.{form}"))
    }

    /// The names of files are part of their folder.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

const FORMS: [&str; 2] = ["xml", "json"];

fn read(path: &Path) -> Result<Upload, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.len() > JSON_MAX as u64 {
        return Err(format!("expected at most {JSON_MAX} bytes, got {}", metadata.len()));
    }
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let at_ms = modified.and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or(0);
    let file = fs::read(path).map_err(|error| error.to_string())?;
    let mut uploads = upload::read(&file, at_ms).map_err(|error| error.to_string())?;
    match (uploads.pop(), uploads.len()) {
        (Some(upload), 0) => {
            let (id, version) = upload.key();
            let expected = format!("{id}-{version}");
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if name == expected {
                Ok(upload)
            } else {
                Err(format!("expected the name {expected}, got {name}"))
            }
        }
        (_, others) => Err(format!("expected one object definition, got {}", others + 1)),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
