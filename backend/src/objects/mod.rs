//! The object definitions in use: those that the server comes with, and those that operators have uploaded.

mod bundled;
mod described;
mod files;
mod upload;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

pub(crate) use bundled::bundled;
use console_api::UploadedObject;
pub(crate) use described::described;
use files::Files;
use lwm2m_model::{ObjectVersion, Registry};
use upload::Upload;
pub(crate) use upload::UploadError;

/// Uploaded definitions in all. Further ones are refused.
pub(crate) const UPLOADED: usize = 512;

/// Bytes of all uploaded definitions. Further ones are refused.
pub(crate) const UPLOADED_BYTES: usize = 16 << 20;

pub(crate) struct Objects {
    in_use: RwLock<InUse>,
    /// Held while files change, so that they and what is in use stay the same.
    files: Mutex<Files>,
    refused: AtomicU64,
}

struct InUse {
    registry: Arc<Registry>,
    uploaded: BTreeMap<Key, Upload>,
}

type Key = (u16, ObjectVersion);

impl Objects {
    /// With what was uploaded before, as far as it can still be read.
    pub(crate) fn open(data: &Path) -> std::io::Result<Self> {
        let files = Files::open(data)?;
        let mut uploaded = BTreeMap::new();
        for upload in files.read() {
            if uploaded.len() >= UPLOADED {
                tracing::warn!(
                    "{}: more than {UPLOADED} object definitions, the others are left out",
                    files.shown()
                );
                break;
            }
            uploaded.insert(upload.key(), upload);
        }
        let in_use = RwLock::new(InUse { registry: Arc::new(registry(&uploaded)), uploaded });
        Ok(Self { in_use, files: Mutex::new(files), refused: AtomicU64::new(0) })
    }

    /// What to read payloads with from now on.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.read().registry)
    }

    /// Takes all definitions of a file, or none. What it replaces is gone.
    pub(crate) fn upload(&self, file: &[u8], now_ms: u64) -> Result<Vec<UploadedObject>, UploadError> {
        let uploads = upload::read(file, now_ms)?;
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut uploaded = self.read().uploaded.clone();
        uploaded.extend(uploads.iter().map(|upload| (upload.key(), upload.clone())));
        if let Err(error) = check_bounds(&uploaded) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(error);
        }
        for upload in &uploads {
            files.write(upload)?;
        }
        self.replace(uploaded);
        Ok(uploads.iter().map(Upload::told).collect())
    }

    /// Newest last.
    pub(crate) fn uploaded(&self) -> Vec<UploadedObject> {
        let mut told: Vec<UploadedObject> = self.read().uploaded.values().map(Upload::told).collect();
        told.sort_by_key(|object| object.uploaded_at_ms);
        told
    }

    /// What the server came with counts again. False when there is no such upload.
    pub(crate) fn delete(&self, id: u16, version: ObjectVersion) -> std::io::Result<bool> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut uploaded = self.read().uploaded.clone();
        let Some(upload) = uploaded.remove(&(id, version)) else { return Ok(false) };
        files.remove(&upload)?;
        self.replace(uploaded);
        Ok(true)
    }

    pub(crate) fn uploaded_count(&self) -> usize {
        self.read().uploaded.len()
    }

    /// How often there was no room for more.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn replace(&self, uploaded: BTreeMap<Key, Upload>) {
        let registry = Arc::new(registry(&uploaded));
        *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = InUse { registry, uploaded };
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, InUse> {
        self.in_use.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn registry(uploaded: &BTreeMap<Key, Upload>) -> Registry {
    let mut registry = bundled().clone();
    registry.add(uploaded.values().map(|upload| upload.definition.clone()));
    registry
}

fn check_bounds(uploaded: &BTreeMap<Key, Upload>) -> Result<(), UploadError> {
    let bytes = uploaded.values().map(|upload| upload.text.len()).sum();
    if uploaded.len() > UPLOADED {
        return Err(UploadError::TooMany { limit: UPLOADED, got: uploaded.len() });
    }
    if bytes > UPLOADED_BYTES {
        return Err(UploadError::TooLarge { limit: UPLOADED_BYTES, got: bytes });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: u16, name: &str) -> String {
        format!(
            r#"{{"objects":[{{"id":{id},"name":"{name}","version":"1.0","urn":"u","multiple":true,"mandatory":false,
            "resources":[{{"id":0,"name":"R","operations":"R","multiple":false,"mandatory":true,"type":"float",
            "range":"","units":""}}]}}]}}"#
        )
    }

    #[test]
    fn an_upload_counts_survives_and_goes() {
        let data = tempfile::tempdir().unwrap();
        let objects = Objects::open(data.path()).unwrap();
        let before = objects.registry();
        objects.upload(file(33_000, "Vendor").as_bytes(), 5).unwrap();
        let told = objects.upload(file(3303, "Heat").as_bytes(), 6).unwrap();
        assert!(told[0].replaces);
        assert_eq!(before.object(33_000), None, "who reads goes on with what it began with");
        for objects in [&objects, &Objects::open(data.path()).unwrap()] {
            let registry = objects.registry();
            assert_eq!(registry.object(33_000).unwrap().name, "Vendor");
            let heat = registry.definition(3303, ObjectVersion::V1_0).unwrap();
            assert_eq!(heat.name, "Heat");
            assert_eq!(objects.uploaded_count(), 2);
        }
        assert!(objects.delete(3303, ObjectVersion::V1_0).unwrap());
        assert!(!objects.delete(3303, ObjectVersion::V1_0).unwrap());
        let objects = Objects::open(data.path()).unwrap();
        assert_eq!(objects.registry().definition(3303, ObjectVersion::V1_0).unwrap().name, "Temperature");
        assert_eq!(objects.uploaded()[0].name, "Vendor");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let data = tempfile::tempdir().unwrap();
        Objects::open(data.path()).unwrap().upload(file(33_000, "Vendor").as_bytes(), 5).unwrap();
        let folder = data.path().join("objects");
        std::fs::write(folder.join("33001-1.0.json"), "{").unwrap();
        std::fs::write(folder.join("33002-1.0.json.tmp"), "half").unwrap();
        std::fs::write(folder.join("notes.txt"), "by hand").unwrap();
        let objects = Objects::open(data.path()).unwrap();
        assert_eq!(objects.uploaded().iter().map(|object| object.id).collect::<Vec<_>>(), [33_000]);
    }

    #[test]
    fn there_is_room_for_so_many() {
        let data = tempfile::tempdir().unwrap();
        let objects = Objects::open(data.path()).unwrap();
        let definition = |id| format!(r#""{id}":{{"multiple":true,"resources":[]}}"#);
        let of = |count: u16| {
            let all: Vec<String> = (0..count).map(|number| definition(30_000 + number)).collect();
            format!("{{{}}}", all.join(","))
        };
        let error = objects.upload(of(UPLOADED as u16 + 1).as_bytes(), 0).unwrap_err();
        assert!(
            matches!(error, UploadError::TooMany { limit: UPLOADED, got } if got == UPLOADED + 1),
            "{error}"
        );
        assert_eq!((objects.uploaded_count(), objects.refused()), (0, 1));
    }
}
