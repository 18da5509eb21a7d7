//! As much of JSON Schema as the document uses. What it does not know is a violation, too.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const KNOWN: [&str; 17] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "description",
    "enum",
    "example",
    "examples",
    "format",
    "items",
    "maximum",
    "minimum",
    "oneOf",
    "properties",
    "propertyNames",
];

/// What a value has that its schema does not allow, and the other way round.
pub(super) fn violations(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut checker = Checker { document, found: Vec::new() };
    checker.check("", schema, value);
    checker.found
}

struct Checker<'a> {
    document: &'a Value,
    found: Vec<String>,
}

impl<'a> Checker<'a> {
    fn check(&mut self, at: &str, schema: &'a Value, value: &Value) {
        let schema = self.resolve(schema);
        let Some(members) = schema.as_object() else { return self.tell(at, "no schema") };
        let unknown = members.keys().find(|key| {
            !KNOWN.contains(&key.as_str()) && !["type", "required", "title"].contains(&key.as_str())
        });
        if let Some(unknown) = unknown {
            self.tell(at, &format!("the schema has {unknown}"));
        }
        for (key, enough) in [("oneOf", 1..=1), ("anyOf", 1..=usize::MAX)] {
            let Some(choices) = members.get(key).and_then(Value::as_array) else { continue };
            let fit =
                choices.iter().filter(|choice| violations(self.document, choice, value).is_empty()).count();
            if !enough.contains(&fit) {
                self.tell(at, &format!("{fit} of {key} fit {value}"));
            }
        }
        self.check_type(at, schema, value);
        if schema.get("enum").and_then(Value::as_array).is_some_and(|allowed| !allowed.contains(value))
            || schema.get("const").is_some_and(|only| only != value)
        {
            self.tell(at, &format!("{value} is none of those allowed"));
        }
        let beyond = |key: &str, beyond: fn(f64, f64) -> bool| {
            let bound = schema.get(key).and_then(Value::as_f64);
            bound.zip(value.as_f64()).is_some_and(|(bound, value)| beyond(value, bound))
        };
        if beyond("minimum", |value, bound| value < bound) || beyond("maximum", |value, bound| value > bound)
        {
            self.tell(at, &format!("{value} is out of range"));
        }
        match value {
            Value::Object(found) => self.check_object(at, schema, found),
            Value::Array(items) => {
                let Some(of) = schema.get("items") else { return };
                for (index, item) in items.iter().enumerate() {
                    self.check(&format!("{at}/{index}"), of, item);
                }
            }
            _ => {}
        }
    }

    fn check_type(&mut self, at: &str, schema: &Value, value: &Value) {
        let is = |name: &str| match name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => false,
        };
        let fits = match schema.get("type") {
            None => true,
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is),
            Some(name) => name.as_str().is_some_and(is),
        };
        if !fits {
            self.tell(at, &format!("{value} is not of type {}", schema["type"]));
        }
    }

    /// Members are those of the schema and of all that it is made of.
    fn check_object(&mut self, at: &str, schema: &'a Value, found: &Map<String, Value>) {
        let (mut properties, mut required, mut others) = (Vec::new(), BTreeSet::new(), None);
        let mut parts = vec![schema];
        while let Some(part) = parts.pop() {
            let part = self.resolve(part);
            parts.extend(part.get("allOf").and_then(Value::as_array).into_iter().flatten());
            properties.extend(part.get("properties").and_then(Value::as_object).into_iter().flatten());
            let names = part.get("required").and_then(Value::as_array).into_iter().flatten();
            required.extend(names.filter_map(Value::as_str));
            others = others.or(part.get("additionalProperties"));
        }
        for name in required.into_iter().filter(|name| !found.contains_key(*name)) {
            self.tell(at, &format!("{name} is missing"));
        }
        if properties.is_empty() && others.is_none() {
            return; // any object, or one of several
        }
        for (name, value) in found {
            let at = format!("{at}/{name}");
            match (properties.iter().find(|(known, _)| *known == name), others) {
                (Some((_, schema)), _) => self.check(&at, schema, value),
                (None, Some(schema @ Value::Object(_))) => self.check(&at, schema, value),
                (None, _) => self.tell(&at, "is not documented"),
            }
        }
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(schema)
    }

    fn tell(&mut self, at: &str, what: &str) {
        self.found.push(format!("{}: {what}", if at.is_empty() { "/" } else { at }));
    }
}

#[test]
fn violations_are_found() {
    let document = serde_json::json!({ "components": { "schemas": { "A": {
        "type": "object", "required": ["n"], "properties": { "n": { "type": ["integer", "null"], "minimum": 0 } }
    } } } });
    let schema = serde_json::json!({ "allOf": [
        { "$ref": "#/components/schemas/A" },
        { "type": "object", "required": ["e"], "properties": { "e": { "type": "string", "enum": ["x"] } } }
    ] });
    let count = |text: &str| violations(&document, &schema, &serde_json::from_str(text).unwrap()).len();
    assert_eq!(count(r#"{"n":1,"e":"x"}"#), 0);
    assert_eq!(count(r#"{"n":null,"e":"x"}"#), 0);
    assert_eq!(count(r#"{"n":-1,"e":"y","z":1}"#), 3);
    assert_eq!(count(r#"{"n":1.5}"#), 2);
}
