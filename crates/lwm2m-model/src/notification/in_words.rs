use lwm2m_codec::Level;
use lwm2m_codec::attributes::{Edge, EffectiveAttributes};

use super::conditions::{Conditions, Direction};

/// What attributes come to for an observation of a node of that level, in sentences for people.
#[must_use]
pub fn in_words(attributes: &EffectiveAttributes, level: Level) -> String {
    let conditions = Conditions::new(attributes, Direction::Both);
    let mut sentences = vec![format!("{}{}.", conditions.when(level), conditions.how_often())];
    sentences.extend(conditions.evaluation());
    sentences.extend(attributes.con.map(|con| {
        let how = if con.value { "confirmable" } else { "not confirmable" };
        format!("Notifications are {how}.")
    }));
    sentences.extend(attributes.hqmax.map(|hqmax| {
        format!("Of each value the newest {} are stored while notifications cannot be sent.", hqmax.value)
    }));
    sentences.extend(attributes.ignored().iter().map(|ignored| format!("But {ignored}.")));
    sentences.join(" ")
}

impl Conditions {
    fn when(&self, level: Level) -> String {
        let thresholds = self.gt.into_iter().chain(self.lt).map(|limit| limit.to_string());
        let crossed = thresholds.collect::<Vec<_>>().join(" or ");
        let crosses = (!crossed.is_empty()).then(|| format!("crosses {crossed}"));
        let steps = self.st.map(|st| format!("has changed by {st} or more since the last notification"));
        let thresholds: Vec<_> = crosses.into_iter().chain(steps).collect();
        if !thresholds.is_empty() {
            return format!("Notifies when the value {}", thresholds.join(", or "));
        }
        match self.edge {
            Some(Edge::Rising) => "Notifies when the value becomes true".to_owned(),
            Some(Edge::Falling) => "Notifies when the value becomes false".to_owned(),
            None if level < Level::Resource => "Notifies whenever a value below changes".to_owned(),
            None => "Notifies whenever the value changes".to_owned(),
        }
    }

    fn how_often(&self) -> String {
        match (self.pmin_s, self.pmax_s) {
            (0, None) => String::new(),
            (pmin, None) => format!("; at most one every {pmin} s"),
            (0, Some(pmax)) => format!("; at least one every {pmax} s"),
            (pmin, Some(pmax)) if pmin == pmax => format!("; exactly one every {pmax} s"),
            (pmin, Some(pmax)) => format!("; at most one every {pmin} s, at least one every {pmax} s"),
        }
    }

    fn evaluation(&self) -> Option<String> {
        let looked_at = match (self.epmin_s, self.epmax_s) {
            (0, None) => return None,
            (epmin, None) => format!("at most every {epmin} s"),
            (0, Some(epmax)) => format!("at least every {epmax} s"),
            (epmin, Some(epmax)) => format!("at most every {epmin} s, at least every {epmax} s"),
        };
        Some(format!("The value is evaluated {looked_at}."))
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::attributes::{ServerDefaults, parse_observe_parameters};

    use super::*;

    fn said(query: &str, level: Level) -> String {
        let queries = query.split('&').filter(|query| !query.is_empty());
        let parameters = parse_observe_parameters(queries).unwrap().unwrap_or_default();
        let attributes = EffectiveAttributes::of_parameters(&parameters, &ServerDefaults::default());
        in_words(&attributes, level)
    }

    #[test]
    fn attributes_are_said_in_sentences() {
        for (query, expected) in [
            ("", "Notifies whenever the value changes."),
            ("pmin=10", "Notifies whenever the value changes; at most one every 10 s."),
            ("pmax=60", "Notifies whenever the value changes; at least one every 60 s."),
            ("pmin=60&pmax=60", "Notifies whenever the value changes; exactly one every 60 s."),
            (
                "pmin=10&pmax=60&gt=24&lt=18&st=0.5",
                "Notifies when the value crosses 24 or 18, or has changed by 0.5 or more since the last notification; \
                 at most one every 10 s, at least one every 60 s.",
            ),
            ("lt=-1.5", "Notifies when the value crosses -1.5."),
            ("edge=1&con=1", "Notifies when the value becomes true. Notifications are confirmable."),
            ("edge=0&con=0", "Notifies when the value becomes false. Notifications are not confirmable."),
            (
                "epmin=5&epmax=30&hqmax=3",
                "Notifies whenever the value changes. The value is evaluated at most every 5 s, at least every 30 s. Of \
                 each value the newest 3 are stored while notifications cannot be sent.",
            ),
        ] {
            assert_eq!(said(query, Level::Resource), expected, "{query}");
        }
    }

    #[test]
    fn what_is_not_in_force_is_said_with_the_reason() {
        let expected = "Notifies whenever a value below changes; at most one every 9 s. But pmax is ignored, since it is \
                        below pmin: pmin=9 and pmax=5.";
        assert_eq!(said("pmin=9&pmax=5", Level::ObjectInstance), expected);
        let contradicting = said("gt=5&lt=9", Level::Resource);
        assert!(contradicting.starts_with("Notifies whenever the value changes. But gt, lt and st"));
    }
}
