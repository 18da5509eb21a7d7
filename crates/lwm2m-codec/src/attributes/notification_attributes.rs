use super::attribute::Attribute;
use super::value::{AttributeValue, Edge};

/// The attributes of class notification that are attached to one node (LwM2M Core §5.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NotificationAttributes {
    /// Minimum Period in seconds.
    pub pmin: Option<u32>,
    /// Maximum Period in seconds; 0 means none.
    pub pmax: Option<u32>,
    /// Greater Than.
    pub gt: Option<f64>,
    /// Less Than.
    pub lt: Option<f64>,
    /// Step.
    pub st: Option<f64>,
    /// Minimum Evaluation Period in seconds.
    pub epmin: Option<u32>,
    /// Maximum Evaluation Period in seconds.
    pub epmax: Option<u32>,
    pub edge: Option<Edge>,
    /// Whether notifications are confirmable.
    pub con: Option<bool>,
    /// Maximum Historical Queue, in entries.
    pub hqmax: Option<u32>,
}

impl NotificationAttributes {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The value of an attribute; none for attributes of class properties.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<AttributeValue> {
        match attribute {
            Attribute::Pmin => self.pmin.map(AttributeValue::Integer),
            Attribute::Pmax => self.pmax.map(AttributeValue::Integer),
            Attribute::Gt => self.gt.map(AttributeValue::Float),
            Attribute::Lt => self.lt.map(AttributeValue::Float),
            Attribute::St => self.st.map(AttributeValue::Float),
            Attribute::Epmin => self.epmin.map(AttributeValue::Integer),
            Attribute::Epmax => self.epmax.map(AttributeValue::Integer),
            Attribute::Edge => self.edge.map(AttributeValue::Edge),
            Attribute::Con => self.con.map(AttributeValue::Boolean),
            Attribute::Hqmax => self.hqmax.map(AttributeValue::Integer),
            Attribute::Dim | Attribute::Ssid | Attribute::Uri | Attribute::Ver | Attribute::Lwm2m => None,
        }
    }

    /// What is set, in the order of the standard's table.
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, AttributeValue)> + '_ {
        Attribute::ALL.into_iter().filter_map(|attribute| Some((attribute, self.get(attribute)?)))
    }

    /// Unsets what `other` has with the same value.
    pub(super) fn leave_out(&mut self, other: &Self) {
        for (attribute, value) in other.iter() {
            if self.get(attribute) == Some(value) {
                self.unset(attribute);
            }
        }
    }

    /// Sets a value that belongs to `attribute`.
    pub(super) const fn set(&mut self, attribute: Attribute, value: AttributeValue) {
        match (attribute, value) {
            (Attribute::Pmin, AttributeValue::Integer(seconds)) => self.pmin = Some(seconds),
            (Attribute::Pmax, AttributeValue::Integer(seconds)) => self.pmax = Some(seconds),
            (Attribute::Gt, AttributeValue::Float(number)) => self.gt = Some(number),
            (Attribute::Lt, AttributeValue::Float(number)) => self.lt = Some(number),
            (Attribute::St, AttributeValue::Float(number)) => self.st = Some(number),
            (Attribute::Epmin, AttributeValue::Integer(seconds)) => self.epmin = Some(seconds),
            (Attribute::Epmax, AttributeValue::Integer(seconds)) => self.epmax = Some(seconds),
            (Attribute::Edge, AttributeValue::Edge(edge)) => self.edge = Some(edge),
            (Attribute::Con, AttributeValue::Boolean(confirmable)) => self.con = Some(confirmable),
            (Attribute::Hqmax, AttributeValue::Integer(entries)) => self.hqmax = Some(entries),
            // Values are read for the attribute they are set for, so no other pair comes up.
            _ => {}
        }
    }

    pub(super) const fn unset(&mut self, attribute: Attribute) {
        match attribute {
            Attribute::Pmin => self.pmin = None,
            Attribute::Pmax => self.pmax = None,
            Attribute::Gt => self.gt = None,
            Attribute::Lt => self.lt = None,
            Attribute::St => self.st = None,
            Attribute::Epmin => self.epmin = None,
            Attribute::Epmax => self.epmax = None,
            Attribute::Edge => self.edge = None,
            Attribute::Con => self.con = None,
            Attribute::Hqmax => self.hqmax = None,
            Attribute::Dim | Attribute::Ssid | Attribute::Uri | Attribute::Ver | Attribute::Lwm2m => {}
        }
    }
}
