use alloc::vec::Vec;
use core::fmt;

use super::attribute::{AppliesTo, Attribute};
use super::notification_attributes::NotificationAttributes;
use super::number::float_text;
use super::value::AttributeValue;
use crate::lookup::{Lookup, ResourceShape};
use crate::path::{Level, Path};
use crate::registration::LwM2mVersion;

/// The node that attributes are written to, as far as it decides which ones it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeTarget {
    pub level: Level,
    /// What the resource is; `None` without a definition, and then its type rules nothing out.
    pub shape: Option<ResourceShape>,
    /// The version the client speaks.
    pub version: LwM2mVersion,
}

impl AttributeTarget {
    #[must_use]
    pub fn new(path: &Path, lookup: &dyn Lookup, version: LwM2mVersion) -> Self {
        let ids = path.object_id().zip(path.resource_id());
        let shape = ids.and_then(|(object, resource)| lookup.resource(object, resource));
        Self { level: path.level(), shape, version }
    }

    /// Whether a node of this kind can have `attribute`, and if not, why.
    ///
    /// # Errors
    /// The first rule that speaks against it.
    pub fn allows(&self, attribute: Attribute) -> Result<(), Violation> {
        let Self { level, version, .. } = *self;
        if attribute.since() > version {
            return Err(Violation::AttributeTooNew { attribute, version });
        }
        if !attribute.levels().contains(&level) {
            return Err(Violation::WrongLevel { attribute, level });
        }
        // LwM2M Core 1.1 §5.1.1: attributes of resource instances came with it.
        if level == Level::ResourceInstance && version < LwM2mVersion::V1_1 {
            return Err(Violation::LevelTooNew { attribute, version });
        }
        match self.shape {
            Some(shape) if !attribute.applies_to().allows(shape.value_type) => {
                let type_name =
                    shape.value_type.map_or("none (it is executable)", |value_type| value_type.name());
                Err(Violation::WrongType { attribute, type_name })
            }
            _ => Ok(()),
        }
    }

    /// Everything that keeps a node of this kind from having these attributes, each looked at by itself.
    pub(super) fn violations_of_each(&self, attributes: &NotificationAttributes) -> Vec<Violation> {
        let mut violations = Vec::new();
        for (attribute, value) in attributes.iter() {
            if let Err(violation) = self.allows(attribute) {
                violations.push(violation);
            }
            if let AttributeValue::Float(number) = value
                && (!number.is_finite() || (attribute == Attribute::St && number < 0.0))
            {
                violations.push(Violation::BadNumber { attribute, number });
            }
        }
        violations
    }
}

/// Why a Write-Attributes cannot be performed; answered with 4.00 (LwM2M Core §6.3.4).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Violation {
    AttributeTooNew {
        attribute: Attribute,
        version: LwM2mVersion,
    },
    LevelTooNew {
        attribute: Attribute,
        version: LwM2mVersion,
    },
    WrongLevel {
        attribute: Attribute,
        level: Level,
    },
    WrongType {
        attribute: Attribute,
        type_name: &'static str,
    },
    /// A number without a value, or a step below zero.
    BadNumber {
        attribute: Attribute,
        number: f64,
    },
    Inconsistent(Inconsistency),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttributeTooNew { attribute, version } => {
                let since = attribute.since();
                write!(f, "attribute {attribute} exists since LwM2M {since}, and the client speaks {version}")
            }
            Self::LevelTooNew { attribute, version } => write!(
                f,
                "attribute {attribute}: resource instances have attributes since LwM2M 1.1, and the client speaks \
                 {version}"
            ),
            Self::WrongLevel { attribute, level } => {
                write!(f, "attribute {attribute}: expected it on the level ")?;
                for (position, level) in attribute.levels().iter().enumerate() {
                    write!(f, "{}{}", if position == 0 { "" } else { " or " }, level.name())?;
                }
                write!(f, ", got it on the level {}", level.name())
            }
            Self::WrongType { attribute, type_name } => {
                let expected = match attribute.applies_to() {
                    AppliesTo::Numbers => "a resource that is a number",
                    AppliesTo::Booleans => "a Boolean resource",
                    AppliesTo::Everything => "any resource",
                };
                write!(f, "attribute {attribute}: expected {expected}, got one of type {type_name}")
            }
            Self::BadNumber { attribute: Attribute::St, number } if number.is_finite() => {
                write!(f, "attribute st: expected a step of 0 or more, got {}", float_text(*number))
            }
            Self::BadNumber { attribute, number } => {
                write!(f, "attribute {attribute}: expected a finite number, got {number}")
            }
            Self::Inconsistent(inconsistency) => inconsistency.fmt(f),
        }
    }
}

impl core::error::Error for Violation {}

/// Values that contradict each other (LwM2M Core §5.1.2).
///
/// Within one level such a write is refused. Between levels they can meet all the same, and then the conditions
/// they belong to are ignored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inconsistency {
    /// `lt < gt` does not hold.
    Thresholds { lt: f64, gt: f64 },
    /// `lt + 2 * st < gt` does not hold.
    Step { lt: f64, st: f64, gt: f64 },
    /// `epmin < epmax` does not hold.
    EvaluationPeriods { epmin: u32, epmax: u32 },
}

impl Inconsistency {
    pub(super) fn of_thresholds(gt: Option<f64>, lt: Option<f64>, st: Option<f64>) -> Option<Self> {
        match (lt, st, gt) {
            (Some(lt), _, Some(gt)) if lt >= gt => Some(Self::Thresholds { lt, gt }),
            (Some(lt), Some(st), Some(gt)) if lt + 2.0 * st >= gt => Some(Self::Step { lt, st, gt }),
            _ => None,
        }
    }

    pub(super) const fn of_evaluation_periods(epmin: Option<u32>, epmax: Option<u32>) -> Option<Self> {
        match (epmin, epmax) {
            (Some(epmin), Some(epmax)) if epmin >= epmax => Some(Self::EvaluationPeriods { epmin, epmax }),
            _ => None,
        }
    }
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thresholds { lt, gt } => {
                write!(f, "expected lt below gt, got lt={} and gt={}", float_text(*lt), float_text(*gt))
            }
            Self::Step { lt, st, gt } => {
                let (lt, st, gt) = (float_text(*lt), float_text(*st), float_text(*gt));
                write!(f, "expected lt + 2 * st below gt, got lt={lt}, st={st} and gt={gt}")
            }
            Self::EvaluationPeriods { epmin, epmax } => {
                write!(f, "expected epmin below epmax, got epmin={epmin} and epmax={epmax}")
            }
        }
    }
}

impl NotificationAttributes {
    /// Everything that keeps a node of this kind from having these attributes.
    #[must_use]
    pub fn violations(&self, target: &AttributeTarget) -> Vec<Violation> {
        let mut violations = target.violations_of_each(self);
        violations.extend(self.inconsistencies().into_iter().map(Violation::Inconsistent));
        violations
    }

    /// Values of this set that contradict each other. A `pmax` below `pmin` is no contradiction: it is ignored.
    #[must_use]
    pub fn inconsistencies(&self) -> Vec<Inconsistency> {
        let thresholds = Inconsistency::of_thresholds(self.gt, self.lt, self.st);
        let periods = Inconsistency::of_evaluation_periods(self.epmin, self.epmax);
        thresholds.into_iter().chain(periods).collect()
    }
}
