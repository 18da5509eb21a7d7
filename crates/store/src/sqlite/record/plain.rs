//! Small types as what serde can write: for `#[serde(with = "plain")]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr, SocketAddrV6},
    sync::Arc,
};

use coap::{Code, Instant, Token};
use lwm2m_codec::{
    ContentFormat, Path,
    attributes::{Edge, NotificationAttributes, WriteAttributes},
    link::Link,
    registration::{Binding, LwM2mVersion, ObjectLinks, RegisteredObject},
};
use lwm2m_core::server::RegistrationId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub(super) trait Plain: Sized {
    type Form: Serialize + for<'de> Deserialize<'de>;

    fn to_form(&self) -> Self::Form;

    /// `None` when the form stands for nothing.
    fn from_form(form: Self::Form) -> Option<Self>;
}

pub(super) fn serialize<T: Plain, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_form().serialize(serializer)
}

pub(super) fn deserialize<'de, T: Plain, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let form = T::Form::deserialize(deserializer)?;
    T::from_form(form).ok_or_else(|| D::Error::custom("a value out of range"))
}

/// One that is written by what it is made of.
macro_rules! plain {
    ($type:ty as $form:ty: |$value:ident| $to:expr, |$read:pat_param| $from:expr) => {
        impl Plain for $type {
            type Form = $form;

            fn to_form(&self) -> $form {
                let $value = self;
                $to
            }

            fn from_form($read: $form) -> Option<Self> {
                $from
            }
        }
    };
}

plain!(Path as Vec<u16>: |path| path.ids().to_vec(), |ids| {
    ids.into_iter().try_fold(Self::ROOT, |path, id| path.child(id))
});
plain!(ContentFormat as u16: |format| format.0, |number| Some(Self(number)));
plain!(Instant as u64: |at| at.as_millis(), |ms| Some(Self::from_millis(ms)));
plain!(Token as Vec<u8>: |token| token.as_bytes().to_vec(), |bytes| Self::new(&bytes));
plain!(Code as u8: |code| code.as_byte(), |byte| Some(Self::from_byte(byte)));
plain!(RegistrationId as [u8; 10]: |id| id.to_bytes(), |bytes| Some(Self::new(bytes)));
// With the scope, without which a link-local address leads nowhere.
plain!(SocketAddr as (IpAddr, u16, u32, u32): |address| match address {
    Self::V4(v4) => ((*v4.ip()).into(), v4.port(), 0, 0),
    Self::V6(v6) => ((*v6.ip()).into(), v6.port(), v6.flowinfo(), v6.scope_id()),
}, |(ip, port, flow_info, scope_id)| Some(match ip {
    IpAddr::V4(v4) => (v4, port).into(),
    IpAddr::V6(v6) => SocketAddrV6::new(v6, port, flow_info, scope_id).into(),
}));
plain!(LwM2mVersion as u8: |version| match version {
    Self::V1_0 => 0,
    Self::V1_1 => 1,
    Self::V1_2 => 2,
}, |number| match number {
    0 => Some(Self::V1_0),
    1 => Some(Self::V1_1),
    2 => Some(Self::V1_2),
    _ => None,
});
// The last version knows the bindings of all versions.
plain!(Binding as String: |binding| binding.as_str().to_owned(), |text| {
    Self::parse(&text, LwM2mVersion::V1_2).ok()
});
plain!(Link as (String, Vec<(String, Option<String>)>): |link| {
    (link.target.clone(), link.attributes.clone())
}, |parts| Some(Self { target: parts.0, attributes: parts.1 }));
plain!(RegisteredObject as (Option<String>, BTreeSet<u16>): |object| {
    (object.version.clone(), object.instances.clone())
}, |parts| Some(Self { version: parts.0, instances: parts.1 }));
plain!(ObjectLinks as LinksForm: |links| LinksForm {
    root: links.root.clone(),
    content_formats: links.content_formats.to_form(),
    objects: links.objects.to_form(),
    other_links: links.other_links.to_form(),
    remarks: links.remarks.clone(),
}, |form| Some(Self {
    root: form.root,
    content_formats: Vec::from_form(form.content_formats)?,
    objects: BTreeMap::from_form(form.objects)?,
    other_links: Vec::from_form(form.other_links)?,
    remarks: form.remarks,
}));
plain!(Edge as bool: |edge| *edge == Self::Rising, |rising| {
    Some(if rising { Self::Rising } else { Self::Falling })
});
// As the Uri-Query options that are sent; `cancel` is none of them.
plain!(WriteAttributes as (Vec<String>, bool): |write| (write.to_queries(), write.cancel), |parts| {
    let mut write = Self::parse(parts.0.iter().map(String::as_str)).ok()?;
    write.cancel = parts.1;
    Some(write)
});
plain!(NotificationAttributes as NotificationForm: |attributes| NotificationForm {
    pmin: attributes.pmin,
    pmax: attributes.pmax,
    gt: attributes.gt,
    lt: attributes.lt,
    st: attributes.st,
    epmin: attributes.epmin,
    epmax: attributes.epmax,
    edge: attributes.edge.to_form(),
    con: attributes.con,
    hqmax: attributes.hqmax,
}, |form| Some(Self {
    pmin: form.pmin,
    pmax: form.pmax,
    gt: form.gt,
    lt: form.lt,
    st: form.st,
    epmin: form.epmin,
    epmax: form.epmax,
    edge: Option::from_form(form.edge)?,
    con: form.con,
    hqmax: form.hqmax,
}));

#[derive(Serialize, Deserialize)]
pub(super) struct NotificationForm {
    pmin: Option<u32>,
    pmax: Option<u32>,
    gt: Option<f64>,
    lt: Option<f64>,
    st: Option<f64>,
    epmin: Option<u32>,
    epmax: Option<u32>,
    edge: Option<bool>,
    con: Option<bool>,
    hqmax: Option<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LinksForm {
    root: String,
    content_formats: Vec<u16>,
    objects: BTreeMap<u16, <RegisteredObject as Plain>::Form>,
    other_links: Vec<<Link as Plain>::Form>,
    remarks: Vec<String>,
}

impl<T: Plain> Plain for Option<T> {
    type Form = Option<T::Form>;

    fn to_form(&self) -> Self::Form {
        self.as_ref().map(T::to_form)
    }

    fn from_form(form: Self::Form) -> Option<Self> {
        form.map_or(Some(None), |form| T::from_form(form).map(Some))
    }
}

impl<T: Plain> Plain for Vec<T> {
    type Form = Vec<T::Form>;

    fn to_form(&self) -> Self::Form {
        self.iter().map(T::to_form).collect()
    }

    fn from_form(form: Self::Form) -> Option<Self> {
        form.into_iter().map(T::from_form).collect()
    }
}

impl<T: Plain> Plain for BTreeMap<u16, T> {
    type Form = BTreeMap<u16, T::Form>;

    fn to_form(&self) -> Self::Form {
        self.iter().map(|(id, value)| (*id, value.to_form())).collect()
    }

    fn from_form(form: Self::Form) -> Option<Self> {
        form.into_iter().map(|(id, value)| Some((id, T::from_form(value)?))).collect()
    }
}

impl<T: Plain> Plain for Arc<T> {
    type Form = T::Form;

    fn to_form(&self) -> Self::Form {
        T::to_form(self)
    }

    fn from_form(form: Self::Form) -> Option<Self> {
        T::from_form(form).map(Self::new)
    }
}

/// Bytes in one piece, and not one by one.
pub(super) mod bytes {
    use serde::{
        Deserializer, Serializer,
        de::{Error, Visitor},
    };

    pub(in super::super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
}
