use alloc::string::String;
use core::fmt;

use crate::content_format::ContentFormat;
use crate::limits::QUOTED_INPUT_MAX;
use crate::path::Path;

/// Whether a payload breaks its format or carries what its target cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorLevel {
    Syntax,
    Semantic,
}

macro_rules! error_classes {
    ($($level:ident { $($variant:ident $name:literal,)+ })+) => {
        /// What is wrong with a payload. Classes are stable and meant for tests, statistics and support.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorClass { $($($variant,)+)+ }

        impl ErrorClass {
            /// The stable name, for example `TLV_TRUNCATED_ID`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            #[must_use]
            pub const fn level(self) -> ErrorLevel {
                match self { $($(Self::$variant => ErrorLevel::$level,)+)+ }
            }
        }
    };
}

error_classes! {
    Syntax {
        EmptyPayload "EMPTY_PAYLOAD",
        PayloadTooLarge "PAYLOAD_TOO_LARGE",
        TooManyItems "TOO_MANY_ITEMS",
        BadUtf8 "BAD_UTF8",
        TlvTruncatedId "TLV_TRUNCATED_ID",
        TlvTruncatedLength "TLV_TRUNCATED_LENGTH",
        TlvLengthOverrun "TLV_LENGTH_OVERRUN",
        TlvBadNesting "TLV_BAD_NESTING",
        TlvTrailingData "TLV_TRAILING_DATA",
        LinkExpectedLt "LINK_EXPECTED_LT",
        LinkUnterminatedTarget "LINK_UNTERMINATED_TARGET",
        LinkBadTarget "LINK_BAD_TARGET",
        LinkEmptyParam "LINK_EMPTY_PARAM",
        LinkEmptyValue "LINK_EMPTY_VALUE",
        LinkDuplicateParam "LINK_DUPLICATE_PARAM",
        LinkUnterminatedQuote "LINK_UNTERMINATED_QUOTE",
        LinkJunkAfterLink "LINK_JUNK_AFTER_LINK",
        LinkTrailingComma "LINK_TRAILING_COMMA",
        ArgExpectedDigit "ARG_EXPECTED_DIGIT",
        ArgExpectedComma "ARG_EXPECTED_COMMA",
        ArgExpectedQuote "ARG_EXPECTED_QUOTE",
        ArgUnterminated "ARG_UNTERMINATED",
        ArgBadChar "ARG_BAD_CHAR",
        ArgDuplicate "ARG_DUPLICATE",
    }
    Semantic {
        FormatNotSupported "FORMAT_NOT_SUPPORTED",
        FormatNotAllowedForPath "FORMAT_NOT_ALLOWED_FOR_PATH",
        FormatNotAllowedForType "FORMAT_NOT_ALLOWED_FOR_TYPE",
        BadInteger "BAD_INTEGER",
        BadIntegerLength "BAD_INTEGER_LENGTH",
        BadFloat "BAD_FLOAT",
        BadFloatLength "BAD_FLOAT_LENGTH",
        BadBooleanLength "BAD_BOOLEAN_LENGTH",
        BadBooleanValue "BAD_BOOLEAN_VALUE",
        BadObjectLink "BAD_OBJLNK",
        BadObjectLinkLength "BAD_OBJLNK_LENGTH",
        BadBase64 "BAD_BASE64",
        ValueOutOfRange "VALUE_OUT_OF_RANGE",
        ReservedId "RESERVED_ID",
        IdOutOfRange "ID_OUT_OF_RANGE",
        IdMismatch "ID_MISMATCH",
        DuplicateId "DUPLICATE_ID",
        MultipleForSingle "MULTIPLE_FOR_SINGLE",
        SingleForMultiple "SINGLE_FOR_MULTIPLE",
        ResourceNotReadable "RESOURCE_NOT_READABLE",
        PathTooDeep "PATH_TOO_DEEP",
        RegistrationBadVersion "REG_BAD_VERSION",
        RegistrationBadContentFormat "REG_BAD_CT",
        RegistrationTwoRoots "REG_TWO_ROOTS",
        RegistrationNumericRoot "REG_NUMERIC_ROOT",
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a payload or a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    pub class: ErrorClass,
    /// Where in the payload, in bytes from its beginning, when there is one place to point at.
    pub offset: Option<usize>,
    message: String,
}

impl DecodeError {
    pub(crate) const fn new(class: ErrorClass, message: String) -> Self {
        Self { class, offset: None, message }
    }

    #[must_use]
    pub(crate) fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// What was expected and what came, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.offset {
            Some(offset) => write!(f, ", at byte {offset}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for DecodeError {}

/// Why records could not be written in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    FormatNotSupported {
        format: ContentFormat,
    },
    FormatNotAllowedForPath {
        format: ContentFormat,
        path: Path,
    },
    FormatNotAllowedForType {
        format: ContentFormat,
        path: Path,
        type_name: &'static str,
    },
    /// The format carries exactly one value.
    OneValueNeeded {
        format: ContentFormat,
        path: Path,
        got: usize,
    },
    /// A record lies outside the path the payload is for.
    PathNotUnderRequest {
        path: Path,
        request: Path,
    },
    /// A record is addressed to something that has no value.
    NotAResource {
        path: Path,
    },
    /// Two records for one path, or a value beside resource instances of the same resource.
    DuplicatePath {
        path: Path,
    },
    ReservedId {
        path: Path,
    },
    ValueTooLong {
        path: Path,
        length: usize,
        max: usize,
    },
    /// Infinity and not-a-number have no text form.
    NotFinite {
        path: Path,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FormatNotSupported { format } => {
                write!(f, "content format {format} cannot be encoded yet: expected text, opaque or TLV")
            }
            Self::FormatNotAllowedForPath { format, path } => {
                write!(f, "expected a path that content format {format} can carry, got {path}")
            }
            Self::FormatNotAllowedForType { format, path, type_name } => {
                write!(f, "content format {format} cannot carry a value of type {type_name} (for {path})")
            }
            Self::OneValueNeeded { format, path, got } => {
                write!(f, "content format {format} carries exactly one value for {path}, got {got}")
            }
            Self::PathNotUnderRequest { path, request } => {
                write!(f, "expected paths at or below {request}, got {path}")
            }
            Self::NotAResource { path } => {
                write!(f, "expected a value for a resource or resource instance, got one for {path}")
            }
            Self::DuplicatePath { path } => write!(f, "expected one value per path, got several for {path}"),
            Self::ReservedId { path } => write!(f, "expected ids from 0 to 65534, got {path}"),
            Self::ValueTooLong { path, length, max } => {
                write!(f, "expected at most {max} bytes for {path}, got {length}")
            }
            Self::NotFinite { path } => write!(f, "expected a finite number for {path}"),
        }
    }
}

impl core::error::Error for EncodeError {}

/// The beginning of an input for a message, in quotes and with control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for (count, character) in text.chars().enumerate() {
        if count == QUOTED_INPUT_MAX {
            shown.push('…');
            break;
        }
        shown.extend(character.escape_debug());
    }
    shown.push('"');
    shown
}
