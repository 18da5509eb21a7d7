use crate::{
    connection_id::ConnectionId, content_type::ContentType, limits::CONNECTION_ID_LENGTH, record::DTLS_1_2,
};

/// What the tag covers beside the text.
pub(crate) struct AdditionalData {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl AdditionalData {
    const LONGEST: usize = 23 + CONNECTION_ID_LENGTH;

    /// seq_num + type + version + length (RFC 5246 §6.2.3.3, RFC 6347 §4.1.2.1). `number` is epoch and sequence number
    /// in 64 bits, `length` the one of the plaintext.
    pub(crate) fn plain(number: u64, content_type: ContentType, length: u16) -> Self {
        let mut data = Self { bytes: [0; Self::LONGEST], length: 0 };
        data.push(&number.to_be_bytes());
        data.push(&[content_type.0]);
        data.push(&DTLS_1_2.to_be_bytes());
        data.push(&length.to_be_bytes());
        data
    }

    /// seq_num_placeholder + tls12_cid + cid_length + tls12_cid + version + epoch + sequence_number + cid +
    /// length_of_DTLSInnerPlaintext (RFC 9146 §5.3).
    pub(crate) fn with_connection_id(number: u64, connection_id: &ConnectionId, length: u16) -> Self {
        let cid = connection_id.as_bytes();
        let cid_length = u8::try_from(cid.len()).unwrap_or(u8::MAX);
        let mut data = Self { bytes: [0; Self::LONGEST], length: 0 };
        data.push(&[0xff; 8]);
        data.push(&[ContentType::TLS12_CID.0, cid_length, ContentType::TLS12_CID.0]);
        data.push(&DTLS_1_2.to_be_bytes());
        data.push(&number.to_be_bytes());
        data.push(cid);
        data.push(&length.to_be_bytes());
        data
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, part: &[u8]) {
        let end = self.length + part.len();
        self.bytes[self.length..end].copy_from_slice(part);
        self.length = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    #[test]
    fn of_a_record_without_connection_id() {
        let data = AdditionalData::plain(0x0001_0000_0000_0005, ContentType::APPLICATION_DATA, 0x0102);
        assert_eq!(data.as_bytes(), hex("0001000000000005 17 fefd 0102"));
    }

    /// RFC 9146 §5.3, field by field.
    #[test]
    fn of_a_record_with_connection_id() {
        let cid = ConnectionId::new(&[0xaa, 0xbb, 0xcc]).unwrap();
        let data = AdditionalData::with_connection_id(0x0001_0000_0000_0005, &cid, 0x0102);
        let expected = hex("ffffffffffffffff 19 03 19 fefd 0001 000000000005 aabbcc 0102");
        assert_eq!(data.as_bytes(), expected);
    }

    #[test]
    fn the_longest_fits() {
        let cid = ConnectionId::new(&[1; CONNECTION_ID_LENGTH]).unwrap();
        let data = AdditionalData::with_connection_id(u64::MAX, &cid, u16::MAX);
        assert_eq!(data.as_bytes().len(), AdditionalData::LONGEST);
    }
}
