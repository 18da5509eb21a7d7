//! What has to be passed on with the program: its own licences and those of the object registry inside it.

/// Licences and notices, for people.
pub(crate) const TEXT: &str = concat!(
    "LwM2M Console: MIT or Apache-2.0, at your choice\n",
    "================================================\n\n",
    include_str!("../../LICENSE-MIT"),
    "\n",
    include_str!("../../assets/registry/NOTICE"),
    "\nBSD-3-Clause, as it stands in the files of the registry\n",
    "=======================================================\n\n",
    include_str!("../../assets/registry/LICENSE"),
    "\n",
    include_str!("../../LICENSE-APACHE"),
);
