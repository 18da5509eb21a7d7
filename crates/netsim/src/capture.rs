//! What a network has carried, as a file for Wireshark.

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    thread,
};

use packet_capture::Capture;

/// The folder that captures of tests go to; without it there are none.
pub const FOLDER_VARIABLE: &str = "LWM2M_PCAP";

pub(crate) fn create(file: &Path) -> io::Result<Capture<File>> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    Capture::new(File::create(file)?)
}

/// The file for a network of the running test, where captures are asked for.
pub(crate) fn file_of_test(seed: &[u8; 32]) -> Option<PathBuf> {
    let folder = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty())?;
    // A test runs in a thread that has its name.
    let test = thread::current().name().unwrap_or("unnamed").replace("::", "-");
    let seed: String = seed.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(PathBuf::from(folder).join(format!("{test}-{seed}.pcap")))
}
