use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::content_format::ContentFormat;
use crate::limits::{PAYLOAD_MAX, QUOTED_INPUT_MAX};
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
        JsonSyntax "JSON_SYNTAX",
        JsonRootNotObject "JSON_ROOT_NOT_OBJECT",
        JsonTooDeep "JSON_TOO_DEEP",
        JsonDuplicateKey "JSON_DUPLICATE_KEY",
        MissingE "MISSING_E",
        ENotArray "E_NOT_ARRAY",
        EntryNotObject "ENTRY_NOT_OBJECT",
        SenmlRootNotArray "SENML_ROOT_NOT_ARRAY",
        SenmlRecordNotMap "SENML_RECORD_NOT_MAP",
        SenmlBadLabel "SENML_BAD_LABEL",
        CborTruncated "CBOR_TRUNCATED",
        CborTrailingBytes "CBOR_TRAILING_BYTES",
        CborReservedInfo "CBOR_RESERVED_INFO",
        CborUnexpectedBreak "CBOR_UNEXPECTED_BREAK",
        CborOddMap "CBOR_ODD_MAP",
        CborBadChunk "CBOR_BAD_CHUNK",
        CborBadSimple "CBOR_BAD_SIMPLE",
        CborDuplicateKey "CBOR_DUPLICATE_KEY",
        CborTooDeep "CBOR_TOO_DEEP",
        Lwm2mCborRootNotMap "LWCBOR_ROOT_NOT_MAP",
        Lwm2mCborEmptyMap "LWCBOR_EMPTY_MAP",
        Lwm2mCborEmptyKey "LWCBOR_EMPTY_KEY",
        Lwm2mCborBadKey "LWCBOR_BAD_KEY",
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
        ValueTypeMismatch "VALUE_TYPE_MISMATCH",
        ValueNotInteger "VALUE_NOT_INTEGER",
        ValueOutOfRange "VALUE_OUT_OF_RANGE",
        NoValue "NO_VALUE",
        ManyValues "MANY_VALUES",
        UnexpectedValue "UNEXPECTED_VALUE",
        FieldType "FIELD_TYPE",
        SenmlVersion "SENML_VERSION",
        SenmlMustUnderstand "SENML_MUST_UNDERSTAND",
        SenmlUnsupportedField "SENML_UNSUPPORTED_FIELD",
        BadName "BAD_NAME",
        NameNotResource "NAME_NOT_RESOURCE",
        PathNotUnderRequest "PATH_NOT_UNDER_REQUEST",
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
    /// The node it is about, when it is about one.
    pub path: Option<Path>,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
}

impl DecodeError {
    pub(crate) fn new(
        class: ErrorClass,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { class, offset: None, path: None, expected: expected.into(), found: found.into() }
    }

    #[must_use]
    pub(crate) const fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    #[must_use]
    pub(crate) const fn about(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// For an error inside a part of the payload: `offset` is where the part begins.
    #[must_use]
    pub(crate) fn shifted(self, offset: usize) -> Self {
        let inner = self.offset.unwrap_or(0);
        self.at(offset.saturating_add(inner))
    }

    /// What would have been right.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What came instead.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What was expected and what came, without the place.
    #[must_use]
    pub fn message(&self) -> String {
        let place = self.path.map(|path| format!(" ({path})")).unwrap_or_default();
        format!("expected {}, got {}{place}", self.expected, self.found)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
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
    /// The format has no place for the time of a value.
    TimeNotCarried {
        format: ContentFormat,
        path: Path,
    },
    /// The format cannot say that something is there with nothing in it.
    EmptyNotCarried {
        format: ContentFormat,
        path: Path,
    },
    /// Infinity and not-a-number have no form in most formats.
    NotFinite {
        path: Path,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FormatNotSupported { format } => {
                write!(f, "expected a content format that carries values, got {format}")
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
            Self::TimeNotCarried { format, path } => {
                write!(f, "content format {format} cannot carry the time of a value (for {path})")
            }
            Self::EmptyNotCarried { format, path } => {
                write!(f, "content format {format} cannot carry {path} with nothing in it")
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

pub(crate) fn payload_too_large(length: usize) -> DecodeError {
    let expected = format!("a payload of at most {PAYLOAD_MAX} bytes");
    DecodeError::new(ErrorClass::PayloadTooLarge, expected, format!("{length}"))
}
