//! Building blocks of the document.

use serde_json::{Map, Value, json};

/// One method of one path.
pub(super) struct Operation {
    method: &'static str,
    members: Map<String, Value>,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

pub(super) fn get(tag: &str, id: &str, summary: &str) -> Operation {
    Operation::new("get", tag, id, summary)
}

pub(super) fn post(tag: &str, id: &str, summary: &str) -> Operation {
    Operation::new("post", tag, id, summary)
}

pub(super) fn put(tag: &str, id: &str, summary: &str) -> Operation {
    Operation::new("put", tag, id, summary)
}

pub(super) fn delete(tag: &str, id: &str, summary: &str) -> Operation {
    Operation::new("delete", tag, id, summary)
}

/// All methods of one path.
pub(super) fn path(operations: impl IntoIterator<Item = Operation>) -> Value {
    operations.into_iter().map(Operation::finish).collect::<Map<_, _>>().into()
}

/// A parameter of the query.
pub(super) fn query(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": description })
}

pub(super) fn in_path(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": description })
}

pub(super) fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub(super) fn string(example: &str) -> Value {
    json!({ "type": "string", "examples": [example] })
}

/// A whole number that is not negative.
pub(super) fn number(default: Option<u64>, most: Option<u64>) -> Value {
    let mut schema = json!({ "type": "integer", "minimum": 0 });
    if let Some(default) = default {
        schema["default"] = default.into();
    }
    if let Some(most) = most {
        schema["maximum"] = most.into();
    }
    schema
}

impl Operation {
    fn new(method: &'static str, tag: &str, id: &str, summary: &str) -> Self {
        let members = json!({ "tags": [tag], "operationId": id, "summary": summary });
        let members = members.as_object().cloned().unwrap_or_default();
        Self { method, members, parameters: Vec::new(), responses: Map::new() }
    }

    pub(super) fn description(mut self, text: &str) -> Self {
        self.members.insert("description".to_owned(), text.into());
        self
    }

    pub(super) fn parameters(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    pub(super) fn json_body(self, name: &str, required: bool, examples: &[(&str, Value)]) -> Self {
        let examples: Map<String, Value> =
            examples.iter().map(|(name, value)| ((*name).to_owned(), json!({ "value": value }))).collect();
        let content = json!({ "application/json": { "schema": schema(name), "examples": examples } });
        self.body(content, required)
    }

    pub(super) fn body(mut self, content: Value, required: bool) -> Self {
        self.members.insert("requestBody".to_owned(), json!({ "required": required, "content": content }));
        self
    }

    pub(super) fn answers_json(self, status: u16, name: &str, description: &str) -> Self {
        self.answers(status, description, json!({ "application/json": { "schema": schema(name) } }))
    }

    pub(super) fn answers_nothing(mut self, description: &str) -> Self {
        self.responses.insert("204".to_owned(), json!({ "description": description }));
        self
    }

    pub(super) fn answers(mut self, status: u16, description: &str, content: Value) -> Self {
        let response = json!({ "description": description, "content": content });
        self.responses.insert(status.to_string(), response);
        self
    }

    pub(super) fn fails(mut self, errors: &[(u16, &str)]) -> Self {
        for (status, description) in errors {
            self = self.answers_json(*status, "ApiError", description);
        }
        self
    }

    fn finish(mut self) -> (String, Value) {
        if !self.parameters.is_empty() {
            self.members.insert("parameters".to_owned(), self.parameters.into());
        }
        self.members.insert("responses".to_owned(), self.responses.into());
        (self.method.to_owned(), self.members.into())
    }
}
