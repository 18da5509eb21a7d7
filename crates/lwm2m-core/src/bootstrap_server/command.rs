//! What the Bootstrap-Server asks of a device, as CoAP requests (LwM2M 1.2 Transport, Bootstrap Interface).

use coap::{Code, Options, Request};
use lwm2m_codec::{ContentFormat, EncodeError, Path, Record, encode};
use lwm2m_model::Registry;

use super::{BootstrapOperation, secrets};

/// One command, to be sent when the one before it is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Command {
    pub(super) operation: BootstrapOperation,
    pub(super) path: Path,
    /// Of the payload, or of the answer that is asked for.
    pub(super) content_format: Option<ContentFormat>,
    pub(super) records: Vec<Record>,
    /// What is shown of the payload.
    pub(super) shown: Vec<u8>,
    pub(super) masked: Vec<Path>,
    payload: Vec<u8>,
    pub(super) remark: String,
    /// Whether the session goes on all the same when the device refuses it.
    pub(super) optional: bool,
}

impl Command {
    pub(super) fn discover() -> Self {
        Self::bare(BootstrapOperation::Discover, Path::ROOT, Some(ContentFormat::CORE_LINK))
    }

    pub(super) const fn read(path: Path, accept: ContentFormat) -> Self {
        Self::bare(BootstrapOperation::Read, path, Some(accept))
    }

    pub(super) const fn delete(path: Path) -> Self {
        Self::bare(BootstrapOperation::Delete, path, None)
    }

    pub(super) const fn finish() -> Self {
        Self::bare(BootstrapOperation::Finish, Path::ROOT, None)
    }

    pub(super) fn write(
        path: Path,
        format: ContentFormat,
        records: Vec<Record>,
        definitions: &Registry,
    ) -> Result<Self, EncodeError> {
        let (shown, masked) = secrets::masked(&records, definitions);
        Ok(Self {
            payload: encode(format, &path, &records)?,
            shown: encode(format, &path, &shown)?,
            masked,
            records,
            ..Self::bare(BootstrapOperation::Write, path, Some(format))
        })
    }

    pub(super) fn remark(mut self, remark: String) -> Self {
        self.remark = remark;
        self
    }

    pub(super) fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(super) fn payload_bytes(&self) -> usize {
        self.payload.len()
    }

    pub(super) const fn method(&self) -> Code {
        match self.operation {
            BootstrapOperation::Discover | BootstrapOperation::Read => Code::GET,
            BootstrapOperation::Write => Code::PUT,
            BootstrapOperation::Delete => Code::DELETE,
            BootstrapOperation::Finish | BootstrapOperation::Request => Code::POST,
            BootstrapOperation::Pack => Code::GET,
        }
    }

    /// What the standard answers a success with.
    pub(super) const fn success(&self) -> Code {
        match self.operation {
            BootstrapOperation::Discover | BootstrapOperation::Read | BootstrapOperation::Pack => {
                Code::CONTENT
            }
            BootstrapOperation::Delete => Code::DELETED,
            BootstrapOperation::Write | BootstrapOperation::Finish | BootstrapOperation::Request => {
                Code::CHANGED
            }
        }
    }

    /// Where it goes. The alternate path of a device is never part of it (LwM2M 1.2 Transport, Alternate Path).
    pub(super) fn target(&self) -> String {
        match self.operation {
            BootstrapOperation::Finish => "/bs".to_owned(),
            _ => self.path.to_string(),
        }
    }

    pub(super) fn request(&self) -> Request {
        let options = Options::new().with_path(&self.target());
        let options = match (self.operation, self.content_format) {
            (BootstrapOperation::Write, Some(format)) => options.with_content_format(format.0),
            (_, Some(format)) => options.with_accept(format.0),
            (_, None) => options,
        };
        Request { options, payload: self.payload.clone(), ..Request::new(self.method()) }
    }

    const fn bare(operation: BootstrapOperation, path: Path, content_format: Option<ContentFormat>) -> Self {
        Self {
            operation,
            path,
            content_format,
            records: Vec::new(),
            shown: Vec::new(),
            masked: Vec::new(),
            payload: Vec::new(),
            remark: String::new(),
            optional: false,
        }
    }
}
