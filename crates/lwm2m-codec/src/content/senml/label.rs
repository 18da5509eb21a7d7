/// The fields of a SenML record (RFC 8428 §4.1 to §4.3, and `vlo` of LwM2M Core §7.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    BaseVersion,
    BaseName,
    BaseTime,
    BaseUnit,
    BaseValue,
    BaseSum,
    Name,
    Unit,
    Value,
    StringValue,
    BooleanValue,
    Sum,
    Time,
    UpdateTime,
    DataValue,
    ObjectLinkValue,
}

impl Label {
    /// The labels with their names in JSON and, where there is one, their number in CBOR (RFC 8428 §6).
    const ALL: [(Self, &'static str, Option<i64>); 16] = [
        (Self::BaseVersion, "bver", Some(-1)),
        (Self::BaseName, "bn", Some(-2)),
        (Self::BaseTime, "bt", Some(-3)),
        (Self::BaseUnit, "bu", Some(-4)),
        (Self::BaseValue, "bv", Some(-5)),
        (Self::BaseSum, "bs", Some(-6)),
        (Self::Name, "n", Some(0)),
        (Self::Unit, "u", Some(1)),
        (Self::Value, "v", Some(2)),
        (Self::StringValue, "vs", Some(3)),
        (Self::BooleanValue, "vb", Some(4)),
        (Self::Sum, "s", Some(5)),
        (Self::Time, "t", Some(6)),
        (Self::UpdateTime, "ut", Some(7)),
        (Self::DataValue, "vd", Some(8)),
        (Self::ObjectLinkValue, "vlo", None),
    ];

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own, _)| *own == name).map(|(label, ..)| *label)
    }

    pub(super) fn of_number(number: i64) -> Option<Self> {
        Self::ALL.iter().find(|(.., own)| *own == Some(number)).map(|(label, ..)| *label)
    }

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(label, ..)| *label == self).map_or("", |(_, name, _)| name)
    }

    /// A place in a set of labels.
    pub(super) const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// RFC 8428 §4.4: a reader that does not know a field whose name ends in `_` must not use the record.
pub(super) fn must_be_understood(name: &str) -> bool {
    name.ends_with('_')
}
