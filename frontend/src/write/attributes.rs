use lwm2m_codec::attributes::{
    Attribute, AttributeClass, AttributeTarget, AttributeType, AttributeValue, Edge, EffectiveAttributes,
    NotificationAttributes, WriteAttributes,
};

/// The attributes of a node as they are typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AttributeDraft {
    target: AttributeTarget,
    pub(crate) lines: Vec<AttributeLine>,
}

/// One attribute that the node can have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AttributeLine {
    pub(crate) attribute: Attribute,
    /// Empty unsets.
    pub(crate) text: String,
    /// As the client told it.
    pub(crate) current: String,
}

impl AttributeLine {
    fn is_changed(&self) -> bool {
        self.text.trim() != self.current
    }

    /// `s` for periods.
    pub(crate) fn unit(&self) -> &'static str {
        match (self.attribute, self.attribute.attribute_type()) {
            (Attribute::Hqmax, _) => "entries",
            (_, AttributeType::Integer) => "s",
            _ => "",
        }
    }

    /// What 0 and 1 mean.
    pub(crate) fn bits(&self) -> Option<[&'static str; 2]> {
        let names = match self.attribute {
            Attribute::Edge => ["falling", "rising"],
            _ => ["Non-confirmable", "Confirmable"],
        };
        (self.attribute.attribute_type() == AttributeType::Bit).then_some(names)
    }

    /// The value that holds while nothing is set here, and where it is from.
    pub(crate) fn inherited(&self, above: &EffectiveAttributes) -> Option<String> {
        let (_, found) = above.list().into_iter().find(|(attribute, _)| *attribute == self.attribute)?;
        let is_one =
            matches!(found.value, AttributeValue::Boolean(true) | AttributeValue::Edge(Edge::Rising));
        let value = match self.bits() {
            Some(names) => names[usize::from(is_one)].to_owned(),
            None => format!("{} {}", found.value, self.unit()),
        };
        self.text.trim().is_empty().then(|| format!("inherited: {} {}", value.trim_end(), found.origin))
    }
}

impl AttributeDraft {
    /// `attached`: what Discover told about the node.
    pub(crate) fn new(target: AttributeTarget, attached: &[(String, Option<String>)]) -> Self {
        let lines = Attribute::ALL
            .into_iter()
            .filter(|attribute| attribute.class() == AttributeClass::Notification)
            .filter(|attribute| target.allows(*attribute).is_ok())
            .map(|attribute| {
                let current = value_of(attribute, attached);
                AttributeLine { attribute, text: current.clone(), current }
            });
        Self { target, lines: lines.collect() }
    }

    /// The client told its attributes anew; what is typed stays.
    pub(crate) fn refresh(&mut self, attached: &[(String, Option<String>)]) {
        for line in &mut self.lines {
            let current = value_of(line.attribute, attached);
            if !line.is_changed() {
                line.text.clone_from(&current);
            }
            line.current = current;
        }
    }

    pub(crate) fn set(&mut self, attribute: Attribute, text: String) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.attribute == attribute) {
            line.text = text;
        }
    }

    /// What goes to the client: `pmin=10&gt`. Only what differs.
    pub(crate) fn query(&self) -> Result<String, String> {
        let changed = || self.lines.iter().filter(|line| line.is_changed());
        let queries: Vec<String> = changed()
            .map(|line| match line.text.trim() {
                "" => line.attribute.to_string(),
                text => format!("{}={text}", line.attribute),
            })
            .collect();
        if queries.is_empty() {
            return Err("nothing is changed yet".into());
        }
        let write =
            WriteAttributes::parse(queries.iter().map(String::as_str)).map_err(|error| error.to_string())?;
        let violations = self.attached().apply(&write, &self.target).err().unwrap_or_default();
        match violations.first() {
            None => Ok(queries.join("&")),
            Some(violation) => Err(violation.to_string()),
        }
    }

    /// What the node has once this is written; what cannot be is left out.
    pub(crate) fn wanted(&self) -> NotificationAttributes {
        self.outcome().unwrap_or_else(|| self.attached())
    }

    /// What the node has once this is written. None while what is typed cannot be.
    pub(crate) fn outcome(&self) -> Option<NotificationAttributes> {
        let attached = self.attached();
        if !self.lines.iter().any(AttributeLine::is_changed) {
            return Some(attached);
        }
        let query = self.query().ok()?;
        let changes = WriteAttributes::parse(query.split('&')).ok()?;
        attached.apply(&changes, &self.target).ok()
    }

    /// Those that the client has and that are understood.
    fn attached(&self) -> NotificationAttributes {
        let known = self.lines.iter().filter(|line| !line.current.is_empty());
        let queries: Vec<String> = known.map(|line| format!("{}={}", line.attribute, line.current)).collect();
        let known = WriteAttributes::parse(queries.iter().map(String::as_str)).unwrap_or_default();
        NotificationAttributes::default().apply(&known, &self.target).unwrap_or_default()
    }
}

fn value_of(attribute: Attribute, attached: &[(String, Option<String>)]) -> String {
    let found = attached.iter().find(|(name, _)| name == attribute.name());
    found.and_then(|(_, value)| value.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::attributes::{Origin, ServerDefaults};
    use lwm2m_codec::registration::LwM2mVersion;
    use lwm2m_codec::{Level, Operations, Path, ResourceShape, ValueType};

    use super::*;

    fn draft(level: Level, version: LwM2mVersion, attached: &[(&str, &str)]) -> AttributeDraft {
        let operations = Operations { read: true, write: false, execute: false };
        let shape = ResourceShape { value_type: Some(ValueType::Float), multiple: false, operations };
        let shape = (level >= Level::Resource).then_some(shape);
        let attached: Vec<(String, Option<String>)> =
            attached.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect();
        AttributeDraft::new(AttributeTarget { level, shape, version }, &attached)
    }

    fn names(draft: &AttributeDraft) -> Vec<&'static str> {
        draft.lines.iter().map(|line| line.attribute.name()).collect()
    }

    #[test]
    fn level_version_and_type_decide_what_a_node_can_have() {
        assert_eq!(names(&draft(Level::Object, LwM2mVersion::V1_0, &[])), ["pmin", "pmax"]);
        let resource = names(&draft(Level::Resource, LwM2mVersion::V1_2, &[]));
        assert_eq!(resource, ["pmin", "pmax", "gt", "lt", "st", "epmin", "epmax", "con", "hqmax"]);
        assert!(!names(&draft(Level::Resource, LwM2mVersion::V1_1, &[])).contains(&"edge"));
    }

    #[test]
    fn only_what_differs_is_sent_and_an_empty_field_unsets() {
        let mut draft =
            draft(Level::Resource, LwM2mVersion::V1_1, &[("pmin", "5"), ("gt", "24"), ("dim", "2")]);
        assert!(draft.query().is_err());
        draft.set(Attribute::Pmin, " 10 ".into());
        draft.set(Attribute::Gt, String::new());
        assert_eq!(draft.query().unwrap(), "pmin=10&gt");
        assert_eq!((draft.wanted().pmin, draft.wanted().gt), (Some(10), None));
        draft.set(Attribute::Gt, "x".into());
        assert!(draft.query().unwrap_err().contains("gt"));
        assert_eq!((draft.wanted().pmin, draft.wanted().gt), (Some(5), Some(24.0)));
        // What is attached already counts: lt must lie below gt.
        draft.set(Attribute::Gt, "24".into());
        draft.set(Attribute::Lt, "30".into());
        assert!(draft.query().unwrap_err().contains("lt below gt"));
    }

    #[test]
    fn what_is_typed_leads_somewhere_or_cannot_be() {
        let mut draft = draft(Level::Resource, LwM2mVersion::V1_1, &[("pmin", "5")]);
        assert_eq!(draft.outcome().and_then(|outcome| outcome.pmin), Some(5));
        draft.set(Attribute::Pmin, "x".into());
        assert_eq!(draft.outcome(), None);
        draft.set(Attribute::Pmin, String::new());
        assert_eq!(draft.outcome(), Some(NotificationAttributes::default()));
    }

    #[test]
    fn a_field_that_is_empty_tells_what_it_inherits() {
        let mut draft = draft(Level::Resource, LwM2mVersion::V1_2, &[]);
        let above = NotificationAttributes { pmax: Some(60), ..NotificationAttributes::default() };
        let origin = Origin::Attached(Path::object(3303));
        let defaults = ServerDefaults { pmin: Some(1), con: Some(true), ..ServerDefaults::default() };
        let above = EffectiveAttributes::resolve(&[(origin, above)], &defaults);
        let told = |draft: &AttributeDraft, attribute| {
            draft.lines.iter().find(|line| line.attribute == attribute).unwrap().inherited(&above)
        };
        assert_eq!(told(&draft, Attribute::Pmax).unwrap(), "inherited: 60 s from /3303");
        let minimum = "inherited: 1 s from the Default Minimum Period, /1/x/2";
        assert_eq!(told(&draft, Attribute::Pmin).unwrap(), minimum);
        let confirmable = "inherited: Confirmable from the Default Notification Mode, /1/x/26";
        assert_eq!(
            (told(&draft, Attribute::Con).unwrap().as_str(), told(&draft, Attribute::Gt)),
            (confirmable, None)
        );
        draft.set(Attribute::Pmax, "5".into());
        assert_eq!(told(&draft, Attribute::Pmax), None);
    }

    #[test]
    fn a_fresh_discover_fills_in_what_is_not_typed() {
        let mut draft = draft(Level::Resource, LwM2mVersion::V1_1, &[]);
        draft.set(Attribute::Lt, "1".into());
        let attached = [("lt".to_owned(), Some("2".to_owned())), ("pmax".to_owned(), Some("60".to_owned()))];
        draft.refresh(&attached);
        assert_eq!(draft.query().unwrap(), "lt=1");
        assert!(draft.lines.iter().any(|line| line.text == "60"));
    }
}
