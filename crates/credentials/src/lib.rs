//! Who may connect.
