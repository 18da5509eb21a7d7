//! Names of numbers, where the standard or a definition gives them.

use lwm2m_codec::Path;

/// A number and its name.
type Named = (i64, &'static str);

/// Resources of the core objects whose numbers have names (LwM2M 1.2 Core, Appendix E).
const NAMED: [((u16, u16), &[Named]); 13] = [
    ((1, 26), &[(0, "Non-confirmable"), (1, "Confirmable")]),
    ((3, 6), POWER_SOURCES),
    (
        (3, 11),
        &[
            (0, "No error"),
            (1, "Low battery power"),
            (2, "External power supply off"),
            (3, "GPS module failure"),
            (4, "Low received signal strength"),
            (5, "Out of memory"),
            (6, "SMS failure"),
            (7, "IP connectivity failure"),
            (8, "Peripheral malfunction"),
        ],
    ),
    (
        (3, 20),
        &[
            (0, "Normal"),
            (1, "Charging"),
            (2, "Charge complete"),
            (3, "Damaged"),
            (4, "Low battery"),
            (5, "Not installed"),
            (6, "Unknown"),
        ],
    ),
    ((4, 0), BEARERS),
    ((4, 1), BEARERS),
    ((5, 3), &[(0, "Idle"), (1, "Downloading"), (2, "Downloaded"), (3, "Updating")]),
    (
        (5, 5),
        &[
            (0, "Initial"),
            (1, "Updated successfully"),
            (2, "Not enough flash memory"),
            (3, "Out of RAM"),
            (4, "Connection lost"),
            (5, "Integrity check failed"),
            (6, "Unsupported package type"),
            (7, "Invalid URI"),
            (8, "Update failed"),
            (9, "Unsupported protocol"),
            (10, "Cancelled"),
            (11, "Deferred"),
        ],
    ),
    (
        (5, 8),
        &[
            (0, "CoAP"),
            (1, "CoAPS"),
            (2, "HTTP 1.1"),
            (3, "HTTPS 1.1"),
            (4, "CoAP over TCP"),
            (5, "CoAP over TLS"),
        ],
    ),
    ((5, 9), &[(0, "Pull"), (1, "Push"), (2, "Pull and push")]),
    ((5, 11), &[(0, "Critical"), (1, "Mandatory"), (2, "Optional")]),
    (
        (9, 7),
        &[(0, "Initial"), (1, "Download started"), (2, "Downloaded"), (3, "Delivered"), (4, "Installed")],
    ),
    ((9, 12), &[(0, "Disabled"), (1, "Enabled")]),
];

const POWER_SOURCES: &[(i64, &str)] = &[
    (0, "DC power"),
    (1, "Internal battery"),
    (2, "External battery"),
    (3, "Fuel cell"),
    (4, "Power over Ethernet"),
    (5, "USB"),
    (6, "AC mains"),
    (7, "Solar"),
];

const BEARERS: &[(i64, &str)] = &[
    (0, "GSM"),
    (1, "TD-SCDMA"),
    (2, "WCDMA"),
    (3, "CDMA2000"),
    (4, "WiMAX"),
    (5, "LTE-TDD"),
    (6, "LTE-FDD"),
    (7, "NB-IoT"),
    (21, "WLAN"),
    (22, "Bluetooth"),
    (23, "IEEE 802.15.4"),
    (41, "Ethernet"),
    (42, "DSL"),
    (43, "PLC"),
];

/// ACL of an Access Control Object Instance (LwM2M Core §8.2).
const ACL: (u16, u16) = (2, 2);
const RIGHTS: [(i64, char); 5] = [(1, 'R'), (2, 'W'), (4, 'E'), (8, 'D'), (16, 'C')];

/// The names of a Resource's numbers; none when they have none. `range`: what its definition says, which may be a
/// list such as `0: off, 1: on`.
pub(crate) fn of(path: &Path, range: &str) -> Vec<(i64, String)> {
    let listed: Vec<(i64, String)> = listed(range);
    if !listed.is_empty() {
        return listed;
    }
    let ids = path.object_id().zip(path.resource_id());
    let named = NAMED.iter().find(|(known, _)| Some(*known) == ids);
    let names = named.map(|(_, names)| *names).unwrap_or_default();
    names.iter().map(|(number, name)| (*number, (*name).to_owned())).collect()
}

/// The name of one number.
pub(crate) fn name(path: &Path, range: &str, number: i64) -> Option<String> {
    if path.object_id().zip(path.resource_id()) == Some(ACL) {
        return Some(rights(number));
    }
    of(path, range).into_iter().find(|(known, _)| *known == number).map(|(_, name)| name)
}

/// `RW`, `-`
fn rights(bits: i64) -> String {
    let letters: String =
        RIGHTS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, letter)| *letter).collect();
    if letters.is_empty() { "-".into() } else { letters }
}

fn listed(range: &str) -> Vec<(i64, String)> {
    let pieces = range.split(['\n', ',', ';']).map(str::trim).filter(|piece| !piece.is_empty());
    let named = pieces.map(|piece| {
        let (number, name) = piece.split_once([':', '='])?;
        Some((number.trim().parse().ok()?, name.trim().to_owned()))
    });
    named.collect::<Option<Vec<_>>>().filter(|named| named.len() > 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_core_objects_have_names() {
        let state = Path::resource(5, 0, 3);
        assert_eq!(name(&state, "0..3", 2).as_deref(), Some("Downloaded"));
        assert_eq!(name(&state, "0..3", 9), None);
        assert_eq!(name(&Path::resource_instance(4, 0, 1, 0), "", 7).as_deref(), Some("NB-IoT"));
        assert_eq!(name(&Path::resource_instance(2, 0, 2, 101), "", 3).as_deref(), Some("RW"));
        assert!(of(&Path::resource(3303, 0, 5700), "0..100").is_empty());
    }

    #[test]
    fn a_definition_may_list_them() {
        let path = Path::resource(10_000, 0, 1);
        let named = of(&path, "0: disabled\n 1: normal\n 255: non_responsive");
        assert_eq!(named[2], (255, "non_responsive".to_owned()));
        for range in ["", "0..1", "8-Bits", "16,32", "0: one"] {
            assert!(of(&path, range).is_empty(), "{range}");
        }
    }
}
