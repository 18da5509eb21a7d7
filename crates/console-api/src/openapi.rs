//! Schemas that cannot be derived.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, ObjectBuilder, OneOfBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use crate::{Attributes, ValueContent};

/// A value, or null for a name without one.
pub(crate) struct AttributeValue;

/// A whole number is one of three variants, so that it cannot be told which of them.
impl PartialSchema for ValueContent {
    fn schema() -> RefOr<Schema> {
        let description =
            "Opaque and raw values are hexadecimal, Objlnk is `object:instance`, Time is seconds since 1970.";
        of_types([Type::Boolean, Type::Number, Type::String], description).into()
    }
}

impl PartialSchema for AttributeValue {
    fn schema() -> RefOr<Schema> {
        let description = "Null for a name without a value.";
        of_types([Type::Boolean, Type::Number, Type::String, Type::Null], description).into()
    }
}

impl PartialSchema for Attributes {
    fn schema() -> RefOr<Schema> {
        let query = of_types([Type::String], "As in a query: `pmin=10&gt`. A name without a value unsets.");
        let by_name = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("By name: `{\"pmin\":10,\"gt\":null}`. Null unsets."))
            .additional_properties(Some(AttributeValue::schema()));
        OneOfBuilder::new().item(query).item(by_name).into()
    }
}

impl ToSchema for ValueContent {
    fn name() -> Cow<'static, str> {
        "ValueContent".into()
    }
}

impl ToSchema for AttributeValue {
    fn name() -> Cow<'static, str> {
        "AttributeValue".into()
    }
}

impl ToSchema for Attributes {
    fn name() -> Cow<'static, str> {
        "Attributes".into()
    }
}

fn of_types(types: impl IntoIterator<Item = Type>, description: &str) -> Object {
    ObjectBuilder::new().schema_type(SchemaType::from_iter(types)).description(Some(description)).build()
}
