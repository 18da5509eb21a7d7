//! Names of JSON and SenML: base name and name together are the path of a value.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use crate::error::{DecodeError, ErrorClass, quoted};
use crate::path::{Path, RESERVED_ID};

/// Digits of the largest id. More are no id at all.
const ID_DIGITS_MAX: usize = 5;

/// The path that `base` and `name` name together. They are joined as they are: the border may fall anywhere
/// (RFC 8428 §4.5.1). A name may begin with the root path of the client or leave it out.
pub(super) fn resolve(base: &str, name: &str, root: &str) -> Result<Path, DecodeError> {
    let full = match (base, name) {
        ("", name) => Cow::Borrowed(name),
        (base, "") => Cow::Borrowed(base),
        (base, name) if root == "/" => return path(base.bytes().chain(name.bytes()), || joined(base, name)),
        (base, name) => Cow::Owned(joined(base, name)),
    };
    let below = full.strip_prefix(root).filter(|below| root != "/" && below.starts_with('/'));
    path(below.unwrap_or(&full).bytes(), || String::from(&*full))
}

fn joined(base: &str, name: &str) -> String {
    format!("{base}{name}")
}

/// Reads `/`, `/3`, `/3/0` …: decimal ids without leading zeros.
fn path(bytes: impl Iterator<Item = u8>, name: impl Fn() -> String) -> Result<Path, DecodeError> {
    let bad = |expected: &'static str| DecodeError::new(ErrorClass::BadName, expected, quoted(&name()));
    let mut bytes = bytes.peekable();
    if bytes.next() != Some(b'/') {
        return Err(bad("a name that begins with \"/\", together with its base name"));
    }
    if bytes.peek().is_none() {
        return Ok(Path::ROOT);
    }
    let mut path = Path::ROOT;
    loop {
        let mut id: u32 = 0;
        let mut digits = 0;
        let mut more = false;
        for byte in bytes.by_ref() {
            match byte {
                b'0'..=b'9' if digits < ID_DIGITS_MAX && (id > 0 || digits == 0) => {
                    id = id * 10 + u32::from(byte - b'0');
                    digits += 1;
                }
                b'/' => {
                    more = true;
                    break;
                }
                _ => return Err(bad("decimal ids separated by \"/\"")),
            }
        }
        if digits == 0 {
            return Err(bad("an id after every \"/\""));
        }
        let id = match u16::try_from(id) {
            Ok(RESERVED_ID) => {
                let found = "65535, which is reserved";
                return Err(DecodeError::new(ErrorClass::ReservedId, "ids from 0 to 65534", found));
            }
            Ok(id) => id,
            Err(_) => {
                let found = format!("{id}");
                return Err(DecodeError::new(ErrorClass::IdOutOfRange, "ids from 0 to 65534", found));
            }
        };
        path = path.child(id).ok_or_else(|| {
            DecodeError::new(ErrorClass::PathTooDeep, "a name of at most 4 ids", quoted(&name()))
        })?;
        if !more {
            return Ok(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(base: &str, name: &str) -> &'static str {
        resolve(base, name, "/").unwrap_err().class.name()
    }

    #[test]
    fn base_and_name_meet_anywhere() {
        let path = Ok(Path::resource(3442, 0, 120));
        for (base, name) in [
            ("/3442/0/", "120"),
            ("/3442", "/0/120"),
            ("/3442/0/1", "20"),
            ("", "/3442/0/120"),
            ("/3442/0/120", ""),
        ] {
            assert_eq!(resolve(base, name, "/"), path, "{base} {name}");
        }
        assert_eq!(resolve("/", "", "/"), Ok(Path::ROOT));
    }

    #[test]
    fn the_root_path_of_a_client_is_left_out() {
        let path = Ok(Path::resource(3, 0, 9));
        for (base, name) in
            [("/lwm2m/3/0/", "9"), ("/3/0/", "9"), ("/lwm2m", "/3/0/9"), ("", "/lwm2m/3/0/9"), ("/3/0/9", "")]
        {
            assert_eq!(resolve(base, name, "/lwm2m"), path, "{base} {name}");
        }
        assert_eq!(resolve("/lwm2mx", "/3", "/lwm2m").unwrap_err().class, ErrorClass::BadName);
        assert_eq!(class("/lwm2m", "/3/0/9"), "BAD_NAME");
    }

    #[test]
    fn what_is_wrong_with_a_name() {
        for name in ["", "3/0", "/3/", "//3", "/03", "/00", "/a", "/-1", "/3?x", "/ 3", "/123456", "/3/0/%31"]
        {
            assert_eq!(class("", name), "BAD_NAME", "{name:?}");
        }
        assert_eq!(class("/", "65535"), "RESERVED_ID");
        assert_eq!(class("/", "65536"), "ID_OUT_OF_RANGE");
        assert_eq!(class("/1/2/3", "/4/5"), "PATH_TOO_DEEP");
    }
}
