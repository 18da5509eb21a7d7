use thiserror::Error;

use crate::connection_id::ConnectionId;

const CLIENT_HELLO: u8 = 1;
const EXTENSION_CONNECTION_ID: u16 = 54;

/// The first message of a handshake as it lies in the fragment of its record (RFC 6347 §4.2). It is read before anything
/// is known of the peer, and borrows everything.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ClientHello<'a> {
    pub message_sequence: u16,
    pub version: u16,
    pub random: &'a [u8; 32],
    pub session_id: &'a [u8],
    /// Empty in the first one.
    pub cookie: &'a [u8],
    cipher_suites: &'a [u8],
    compression_methods: &'a [u8],
    extensions: &'a [u8],
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ClientHelloError {
    #[error("expected a ClientHello, got handshake message {got}")]
    OtherMessage { got: u8 },
    /// Putting fragments together takes memory, which a peer without a cookie does not get.
    #[error("expected a ClientHello in one piece, got {got} of its {expected} bytes")]
    Fragmented { expected: u32, got: u32 },
    #[error("expected a ClientHello that ends where its lengths say, got one whose {field} does not")]
    Malformed { field: &'static str },
}

impl<'a> ClientHello<'a> {
    /// `fragment` is the one of a record of epoch 0 that carries a handshake message.
    pub fn parse(fragment: &'a [u8]) -> Result<Self, ClientHelloError> {
        let mut message = Reader(fragment);
        let [kind] = *message.array("message type")?;
        if kind != CLIENT_HELLO {
            return Err(ClientHelloError::OtherMessage { got: kind });
        }
        let expected = message.u24("length")?;
        let message_sequence = u16::from_be_bytes(*message.array("message_seq")?);
        let offset = message.u24("fragment_offset")?;
        let got = message.u24("fragment_length")?;
        if offset != 0 || got != expected {
            return Err(ClientHelloError::Fragmented { expected, got });
        }
        if usize::try_from(got) != Ok(message.0.len()) {
            return Err(ClientHelloError::Malformed { field: "fragment_length" });
        }
        let version = u16::from_be_bytes(*message.array("client_version")?);
        let random = message.array("random")?;
        let session_id = message.vector_8("session_id")?;
        if session_id.len() > 32 {
            return Err(ClientHelloError::Malformed { field: "session_id" });
        }
        let cookie = message.vector_8("cookie")?;
        let cipher_suites = message.vector_16("cipher_suites")?;
        if cipher_suites.is_empty() || !cipher_suites.len().is_multiple_of(2) {
            return Err(ClientHelloError::Malformed { field: "cipher_suites" });
        }
        let compression_methods = message.vector_8("compression_methods")?;
        if compression_methods.is_empty() {
            return Err(ClientHelloError::Malformed { field: "compression_methods" });
        }
        // RFC 5246 §7.4.1.2: the extensions may be missing altogether.
        let extensions = if message.0.is_empty() { &[] } else { message.vector_16("extensions")? };
        if !message.0.is_empty() || !Extensions(Reader(extensions)).all(|extension| extension.is_ok()) {
            return Err(ClientHelloError::Malformed { field: "extensions" });
        }
        Ok(Self {
            message_sequence,
            version,
            random,
            session_id,
            cookie,
            cipher_suites,
            compression_methods,
            extensions,
        })
    }

    /// By preference of the client.
    pub fn cipher_suites(&self) -> impl Iterator<Item = u16> {
        self.cipher_suites.as_chunks::<2>().0.iter().map(|suite| u16::from_be_bytes(*suite))
    }

    /// Number and content.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        Extensions(Reader(self.extensions)).filter_map(Result::ok)
    }

    /// The Connection ID that the client wants in what it receives (RFC 9146 §3); `None` when it offers none, or one
    /// that is malformed or longer than we take.
    pub fn connection_id(&self) -> Option<ConnectionId> {
        let (_, content) = self.extensions().find(|(number, _)| *number == EXTENSION_CONNECTION_ID)?;
        ConnectionId::from_extension(content)
    }

    /// What both ClientHellos of a handshake have in common (RFC 6347 §4.2.1), beside what follows from them.
    pub(crate) const fn parameters(&self) -> [&'a [u8]; 4] {
        [self.random, self.session_id, self.cipher_suites, self.compression_methods]
    }
}

#[derive(Copy, Clone)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self, field: &'static str) -> Result<&'a [u8; N], ClientHelloError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(ClientHelloError::Malformed { field })?;
        self.0 = rest;
        Ok(taken)
    }

    fn bytes(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], ClientHelloError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(ClientHelloError::Malformed { field })?;
        self.0 = rest;
        Ok(taken)
    }

    fn u24(&mut self, field: &'static str) -> Result<u32, ClientHelloError> {
        let [a, b, c] = *self.array(field)?;
        Ok(u32::from_be_bytes([0, a, b, c]))
    }

    fn vector_8(&mut self, field: &'static str) -> Result<&'a [u8], ClientHelloError> {
        let [length] = *self.array(field)?;
        self.bytes(length.into(), field)
    }

    fn vector_16(&mut self, field: &'static str) -> Result<&'a [u8], ClientHelloError> {
        let length = u16::from_be_bytes(*self.array(field)?);
        self.bytes(length.into(), field)
    }
}

/// Ends after the first error.
struct Extensions<'a>(Reader<'a>);

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<(u16, &'a [u8]), ClientHelloError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.0.is_empty() {
            return None;
        }
        let extension = self.read();
        if extension.is_err() {
            self.0.0 = &[];
        }
        Some(extension)
    }
}

impl<'a> Extensions<'a> {
    fn read(&mut self) -> Result<(u16, &'a [u8]), ClientHelloError> {
        let number = u16::from_be_bytes(*self.0.array("extensions")?);
        Ok((number, self.0.vector_16("extensions")?))
    }
}
