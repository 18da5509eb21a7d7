//! `/api/v1/credentials` and `/api/v1/security`: who may connect, and what the server shows. No answer has a secret,
//! except one that was made for it.

mod authorities;
mod credentials;
mod failure;
mod import;
mod server;

pub(super) use authorities::{authorities, believe, disbelieve};
pub(super) use credentials::{add, forget, list, one, revoke, rotate};
pub(super) use failure::{body, failure};
pub(super) use import::{FILE_BYTES, import};
pub(super) use server::{authority, certificates, handshakes, server};
