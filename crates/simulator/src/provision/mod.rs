//! Accounts that a device has without a message: factory data and smartcards (LwM2M 1.0 TS §5.2.3).

pub(crate) mod factory;
pub(crate) mod smartcard;
