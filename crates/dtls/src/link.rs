use core::mem;
use std::{
    collections::VecDeque,
    io::{self, Read, Write},
};

/// What OpenSSL takes for its socket: every read is one record of the peer, every write one datagram.
#[derive(Default)]
pub(crate) struct Link {
    incoming: VecDeque<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
}

impl Link {
    pub(crate) fn push(&mut self, record: Vec<u8>) {
        self.incoming.push_back(record);
    }

    pub(crate) fn take_outgoing(&mut self) -> Vec<Vec<u8>> {
        mem::take(&mut self.outgoing)
    }
}

impl Read for Link {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let record = self.incoming.pop_front().ok_or(io::ErrorKind::WouldBlock)?;
        // As with a socket, what does not fit is lost.
        let length = record.len().min(buffer.len());
        buffer[..length].copy_from_slice(&record[..length]);
        Ok(length)
    }
}

impl Write for Link {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        self.outgoing.push(datagram.to_vec());
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
