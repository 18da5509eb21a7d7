use serde_json::{Value, json};

use super::{
    super::operation::{Operation, delete, get, in_path, number, path, post, query, string},
    Paths, text,
};

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/objects", path([list(), upload()])),
        ("/api/v1/objects/uploaded", path([uploaded()])),
        ("/api/v1/objects/{id}", path([one()])),
        ("/api/v1/objects/{id}/{version}", path([remove()])),
    ]
}

fn list() -> Operation {
    get("objects", "listObjects", "Object definitions in use")
        .parameters([text(
            "Words that must all occur: in id, name or URN of an Object, or in id or name of a Resource.",
        )])
        .answers_json(200, "ObjectList", "All in the order of their ids; with a text, the best first.")
        .fails(&[(400, "A parameter cannot be read, or there is none of that name.")])
}

fn upload() -> Operation {
    let definition = "<LWM2M><Object><Name>Level</Name><ObjectID>33000</ObjectID>\
        <ObjectURN>urn:oma:lwm2m:x:33000</ObjectURN><MultipleInstances>Multiple</MultipleInstances>\
        <Mandatory>Optional</Mandatory><Resources/></Object></LWM2M>";
    let bare = json!({ "33000": { "multiple": true, "resources": [
        { "id": 0, "type": "float", "multiple": false, "operations": "R", "mandatory": true }] } });
    let content = json!({
        "application/xml": { "schema": { "type": "string" }, "example": definition },
        "application/json": { "schema": { "type": "object" }, "example": bare },
    });
    post("objects", "uploadObjects", "Uploads object definitions")
        .description("An object definition file (XML) as OMNA and vendors publish it, or JSON; which it is, is seen from the content. A definition takes the place of the one of the same Object and version, counts at once, and is kept.")
        .body(content, true)
        .answers_json(201, "UploadedObjects", "What was taken.")
        .fails(&[
            (400, "`bad_definition`: what was expected in which line. Nothing was taken."),
            (409, "`no_room`: there are as many as can be."),
            (413, "`too_large`"),
            (503, "`not_stored`"),
        ])
}

fn uploaded() -> Operation {
    get("objects", "listUploadedObjects", "Definitions that operators have uploaded").answers_json(
        200,
        "UploadedObjects",
        "Newest last.",
    )
}

fn one() -> Operation {
    get("objects", "getObject", "One object definition")
        .parameters([id(), query("version", string("1.1"), "The current one when absent.")])
        .answers_json(200, "ObjectDefinition", "The definition.")
        .fails(&[(400, "No Object ID, or no version."), (404, "`unknown_object`")])
}

fn remove() -> Operation {
    delete("objects", "deleteObject", "Removes an uploaded definition")
        .description("What the server came with counts again.")
        .parameters([id(), in_path("version", string("1.1"), "Version of the definition.")])
        .answers_nothing("It is removed.")
        .fails(&[(400, "No Object ID, or no version."), (404, "`unknown_object`: that was not uploaded.")])
}

fn id() -> Value {
    in_path("id", number(None, Some(65_534)), "Object ID.")
}
