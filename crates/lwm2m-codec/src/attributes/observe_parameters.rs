use super::attribute_error::AttributeError;
use super::notification_attributes::NotificationAttributes;
use super::value::AttributeValue;
use super::write_attributes::WriteAttributes;
use crate::error::quoted;

/// Reads the attributes that an Observe or Observe-Composite brings in its query (LwM2M Core 1.2 §6.4.1); none
/// when the query is empty.
/// [`NotificationAttributes::violations`] tells whether they make sense for the target.
///
/// # Errors
/// As [`WriteAttributes::parse`], and when a name has no value: there is nothing that it could unset.
pub fn parse_observe_parameters<'a>(
    queries: impl IntoIterator<Item = &'a str>,
) -> Result<Option<NotificationAttributes>, AttributeError> {
    let write = WriteAttributes::parse(queries)?;
    if write.cancel {
        return Err(AttributeError::Unknown { got: quoted("cancel") });
    }
    let mut parameters = NotificationAttributes::default();
    for (attribute, value) in write.iter() {
        let expected = AttributeValue::expected(attribute);
        parameters.set(attribute, value.ok_or(AttributeError::NoValue { attribute, expected })?);
    }
    Ok((!parameters.is_empty()).then_some(parameters))
}
