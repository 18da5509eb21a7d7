use serde_json::{Value, json};

use super::{
    super::operation::{Operation, delete, get, in_path, number, path, post, put},
    Paths,
};

const BAD_ID: (u16, &str) = (400, "The id is none.");
const BAD: (u16, &str) = (400, "The id is none, or something about the board is not as it has to be.");
const UNKNOWN: (u16, &str) = (404, "`unknown_board`: there is none with this id.");
const NOT_JSON: (u16, &str) = (415, "`not_json`");
const MEMBER: (u16, &str) = (422, "A member is unknown or of another type.");
const NOT_STORED: (u16, &str) = (503, "`not_stored`, or the server is stopping.");

pub(super) fn paths() -> Paths {
    vec![("/api/v1/boards", path([list(), add()])), ("/api/v1/boards/{id}", path([read(), save(), forget()]))]
}

fn list() -> Operation {
    get("boards", "listBoards", "Boards without their tiles").answers_json(200, "BoardList", "By name.")
}

fn add() -> Operation {
    post("boards", "addBoard", "Keeps a further board")
        .description(
            "Its tiles lie on a grid of 12 columns, none on another. It may show clients that are not known yet. The header \
             `Location` of the answer says where it is.",
        )
        .json_body("Board", true, &[("one chart", example())])
        .answers_json(201, "Board", "As it is kept, with its id and version 1.")
        .fails(&[
            (400, "Something about the board is not as it has to be."),
            (409, "`too_many_boards`"),
            NOT_JSON,
            MEMBER,
            NOT_STORED,
        ])
}

fn read() -> Operation {
    get("boards", "readBoard", "One board")
        .parameters([id()])
        .answers_json(200, "Board", "As it was saved last.")
        .fails(&[BAD_ID, UNKNOWN])
}

fn save() -> Operation {
    let mut changed = example();
    changed["version"] = json!(1);
    put("boards", "saveBoard", "Keeps a board in place of an earlier version")
        .description("`version` is the one that it was made from.")
        .parameters([id()])
        .json_body("Board", true, &[("made from version 1", changed)])
        .answers_json(200, "Board", "As it is kept, with its new version.")
        .fails(&[
            BAD,
            UNKNOWN,
            (409, "`outdated`: somebody else has saved it since that version."),
            NOT_JSON,
            MEMBER,
            NOT_STORED,
        ])
}

fn forget() -> Operation {
    delete("boards", "deleteBoard", "Forgets a board")
        .parameters([id()])
        .answers_nothing("There is none with this id any more, nor will there be.")
        .fails(&[BAD_ID, UNKNOWN, NOT_STORED])
}

fn id() -> Value {
    in_path("id", number(None, None), "Of the board.")
}

fn example() -> Value {
    let series = json!([{ "endpoint": "urn:imei:004401820000001", "path": "/3303/0/5700" }]);
    let tile = json!({ "kind": "chart", "x": 0, "y": 0, "width": 6, "height": 4, "series": series });
    json!({ "name": "Cellar", "span_ms": 3_600_000, "tiles": [tile] })
}
