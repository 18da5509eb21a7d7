use std::collections::BTreeSet;

use console_api::{BootstrapConfiguration, SecretText};
use serde_json::Value;

/// A field that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `servers/0/uri`
    pub field: String,
    /// Nothing: the field was added.
    pub before: Option<String>,
    /// Nothing: the field was removed.
    pub after: Option<String>,
}

/// What is different in another version of a configuration. Secrets are compared and never told.
pub fn differences(before: &BootstrapConfiguration, after: &BootstrapConfiguration) -> Vec<Difference> {
    let (mut before, mut after) = (before.clone(), after.clone());
    for (position, server) in after.servers.iter_mut().enumerate() {
        let known = before.servers.get(position).and_then(|server| server.secret_key.as_ref());
        let same = server.secret_key.is_none() || known.is_none() || known == server.secret_key.as_ref();
        mask(&mut server.secret_key, if same { "(secret)" } else { "(another secret)" });
    }
    for server in &mut before.servers {
        mask(&mut server.secret_key, "(secret)");
    }
    let mut differences = Vec::new();
    let json = |configuration| serde_json::to_value(configuration).unwrap_or_default();
    compare(String::new(), Some(&json(before)), Some(&json(after)), &mut differences);
    differences
}

fn mask(secret: &mut Option<SecretText>, shown: &str) {
    if let Some(secret) = secret {
        *secret = SecretText(shown.to_owned());
    }
}

fn compare(field: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let members = members(before).chain(members(after)).collect::<BTreeSet<_>>();
    if members.is_empty() {
        let (before, after) = (before.and_then(shown), after.and_then(shown));
        if before != after {
            found.push(Difference { field, before, after });
        }
        return;
    }
    for member in members {
        let below = if field.is_empty() { member.name() } else { format!("{field}/{}", member.name()) };
        let of = |value: Option<&Value>| member.of(value).cloned();
        compare(below, of(before).as_ref(), of(after).as_ref(), found);
    }
}

/// What a value is made of: members by name, items by number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Item(usize),
    Named(String),
}

impl Member {
    fn name(&self) -> String {
        match self {
            Self::Item(position) => position.to_string(),
            Self::Named(name) => name.clone(),
        }
    }

    fn of<'a>(&self, value: Option<&'a Value>) -> Option<&'a Value> {
        match self {
            Self::Item(position) => value?.get(position),
            Self::Named(name) => value?.get(name),
        }
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = Member> {
    let (items, named) = match value {
        Some(Value::Array(items)) => (items.len(), Vec::new()),
        Some(Value::Object(members)) => (0, members.keys().cloned().map(Member::Named).collect()),
        _ => (0, Vec::new()),
    };
    (0..items).map(Member::Item).chain(named)
}

/// A text as it is, everything else as in JSON; nothing for what is not there.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Object(members) if members.is_empty() => None,
        value => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use console_api::{BootstrapAssignment, BootstrapServerAccount};

    use super::*;

    fn found(
        before: &BootstrapConfiguration,
        after: &BootstrapConfiguration,
    ) -> Vec<(String, String, String)> {
        let differences = differences(before, after).into_iter();
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        differences.map(|found| (found.field, text(found.before), text(found.after))).collect()
    }

    fn named(name: &str) -> BootstrapConfiguration {
        BootstrapConfiguration { name: name.to_owned(), ..BootstrapConfiguration::default() }
    }

    fn row(field: &str, before: &str, after: &str) -> (String, String, String) {
        (field.to_owned(), before.to_owned(), after.to_owned())
    }

    #[test]
    fn what_has_changed_is_named_by_its_field() {
        let server = |uri: &str| BootstrapServerAccount { uri: uri.to_owned(), ..Default::default() };
        let before =
            BootstrapConfiguration { servers: vec![server("coap://a"), server("coap://b")], ..named("x") };
        let mut after = before.clone();
        after.servers[1].uri = "coap://c".into();
        after.servers[1].lifetime_s = 60;
        after.discover = false;
        after.assigned.push(BootstrapAssignment::Pattern("lab-*".into()));
        assert_eq!(
            found(&before, &after),
            [
                row("assigned/0/pattern", "-", "lab-*"),
                row("discover", "true", "false"),
                row("servers/1/lifetime_s", "86400", "60"),
                row("servers/1/uri", "coap://b", "coap://c"),
            ]
        );
        assert_eq!(found(&before, &before), []);
    }

    #[test]
    fn what_was_added_or_removed_is_told_field_by_field() {
        let full = BootstrapConfiguration {
            delete: vec!["/".into()],
            assigned: vec![BootstrapAssignment::Default],
            ..named("x")
        };
        let rows = [row("assigned/0", "-", "default"), row("delete/0", "-", "/")];
        assert_eq!(found(&named("x"), &full), rows);
        let removed = rows.map(|(field, before, after)| (field, after, before));
        assert_eq!(found(&full, &named("x")), removed);
    }

    #[test]
    fn secrets_are_compared_and_never_told() {
        let with = |key: Option<&str>| {
            let secret_key = key.map(|key| SecretText(key.to_owned()));
            let has_secret_key = key.is_some();
            let server = BootstrapServerAccount { secret_key, has_secret_key, ..Default::default() };
            BootstrapConfiguration { servers: vec![server], ..named("x") }
        };
        let field = "servers/0/secret_key";
        assert_eq!(found(&with(Some("00")), &with(Some("11"))), [row(field, "(secret)", "(another secret)")]);
        assert_eq!(found(&with(Some("00")), &with(Some("00"))), []);
        let added = found(&with(None), &with(Some("11")));
        assert_eq!(added[1], row(field, "-", "(secret)"));
    }
}
