//! Object definitions that operators upload while the server runs.

use anyhow::{Context as _, Result};
use coap::{Code, Options};
use console_api::{
    Event, ObjectDefinition, ObjectList, Operation, OperationRequest, ServerFrame, Topic, UploadedObjects,
    ValueContent,
};
use whole_program_tests::{RawPeer, TestContext};

const OBJECTS: &str = "/api/v1/objects";

/// Object 33000 with Resource 0 of a type.
pub(crate) fn ddf(value_type: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LWM2M>\n <Object ObjectType=\"MODefinition\">\n  \
         <Name>Vendor \u{fc}</Name>\n  <Description1>Of a vendor</Description1>\n  <ObjectID>33000</ObjectID>\n  \
         <ObjectURN>urn:oma:lwm2m:x:33000</ObjectURN>\n  <MultipleInstances>Multiple</MultipleInstances>\n  \
         <Mandatory>Optional</Mandatory>\n  <Resources>\n   <Item ID=\"0\">\n    <Name>Level</Name>\n    \
         <Operations>RW</Operations>\n    <MultipleInstances>Single</MultipleInstances>\n    \
         <Mandatory>Mandatory</Mandatory>\n    <Type>{value_type}</Type>\n    <RangeEnumeration>0..10</RangeEnumeration>\n    \
         <Units/>\n    <Description>How much</Description>\n   </Item>\n  </Resources>\n </Object>\n</LWM2M>\n"
    )
}

/// Reads `/33000/0/0`, which the device answers with TLV that only a definition makes a number of.
async fn read(context: &TestContext, peer: &RawPeer) -> Result<(String, ValueContent)> {
    let read = OperationRequest::new(Operation::Read, "/33000/0/0");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/33000/0/0").await?;
        let options = Options::new().with_content_format(11542);
        peer.answer(&request, Code::CONTENT, options, &[0xc1, 0, 7]).await
    })?;
    let value = answer.values.into_iter().next().context("a value")?;
    Ok((value.value_type, value.value))
}

#[tokio::test]
async fn an_upload_decodes_at_once_is_told_to_consoles_survives_and_can_be_taken_back() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>,</33000/0>").await?;
    assert_eq!(read(&context, &peer).await?, ("raw".into(), ValueContent::Text("07".into())));
    let (mut events, mut without_topics) = (context.events().await?, context.events().await?);
    let ServerFrame::Device(_) = events.subscribe(Topic::Device("lamp".into())).await? else {
        anyhow::bail!("expected the device");
    };

    let text = ddf("Integer");
    let uploaded: UploadedObjects = context.rest.post(OBJECTS, &text).await?.json(201)?;
    let object = &uploaded.objects[0];
    assert_eq!((object.id, object.version.as_str(), object.name.as_str()), (33_000, "1.0", "Vendor \u{fc}"));
    assert_eq!((object.replaces, &object.definition), (false, &text));
    for console in [&mut events, &mut without_topics] {
        console.find("the change", |event| matches!(event, Event::ObjectsChanged).then_some(())).await?;
    }
    assert_eq!(read(&context, &peer).await?, ("integer".into(), ValueContent::Integer(7)));
    let too_much = crate::asked(r#"{"op":"write","path":"/33000/0/0","value":11}"#);
    assert!(context.try_operate("lamp", &too_much).await?.error(400)?.message.contains("range"));

    context.server.terminate().await?;
    context.restart().await?;
    let kept: UploadedObjects = context.rest.get("/api/v1/objects/uploaded").await?.json(200)?;
    assert_eq!((kept.objects.len(), &kept.objects[0].definition), (1, &text));
    let path = "/api/v1/objects/33000/1.0";
    assert_eq!(context.rest.delete(path).await?.status, 204);
    assert_eq!(context.rest.delete(path).await?.error(404)?.code, "unknown_object");
    context.server.terminate().await?;
    context.restart().await?;
    assert_eq!(context.rest.get("/api/v1/objects/33000").await?.error(404)?.code, "unknown_object");
    Ok(())
}

#[tokio::test]
async fn an_upload_replaces_a_definition_that_the_server_came_with_until_it_is_deleted() -> Result<()> {
    let context = TestContext::start().await?;
    let before: ObjectDefinition = context.rest.get("/api/v1/objects/3303?version=1.0").await?.json(200)?;
    let mut own = before.clone();
    own.name = "Heat".into();
    let body = serde_json::json!({ "objects": [own] }).to_string();
    let uploaded: UploadedObjects = context.rest.post(OBJECTS, &body).await?.json(201)?;
    assert!(uploaded.objects[0].replaces);
    let after: ObjectDefinition = context.rest.get("/api/v1/objects/3303?version=1.0").await?.json(200)?;
    assert_eq!(after, own, "what is told can be uploaded");
    context.rest.delete("/api/v1/objects/3303/1.0").await?;
    let again: ObjectDefinition = context.rest.get("/api/v1/objects/3303?version=1.0").await?.json(200)?;
    assert_eq!(again, before);
    Ok(())
}

#[tokio::test]
async fn a_mistake_is_told_with_its_place_and_changes_nothing() -> Result<()> {
    let context = TestContext::start().await?;
    let error = context.rest.post(OBJECTS, &ddf("Number")).await?.error(400)?;
    assert_eq!(error.code, "bad_definition");
    assert!(error.message.starts_with("line 16, column"), "{error:?}");
    assert_eq!(error.details.context("details")?.got, "\"Number\"");
    for wrong in ["", "hello", "{", "<LWM2M>", "<html></html>", r#"{"objects":[{"id":1}]}"#] {
        let error = context.rest.post(OBJECTS, wrong).await?.error(400)?;
        assert!(error.code == "bad_definition" && error.details.is_some(), "{wrong}: {error:?}");
    }
    let large = format!("<LWM2M>{}", " ".repeat(5 << 20));
    assert_eq!(context.rest.post(OBJECTS, &large).await?.error(413)?.code, "too_large");
    let none: UploadedObjects = context.rest.get("/api/v1/objects/uploaded").await?.json(200)?;
    assert_eq!(none.objects, []);
    for (path, status) in [("33000/1.0", 404), ("33000/one", 400), ("x/1.0", 400), ("99999/1.0", 400)] {
        assert_eq!(context.rest.delete(&format!("{OBJECTS}/{path}")).await?.status, status, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn definitions_are_listed_and_searched() -> Result<()> {
    let context = TestContext::start().await?;
    let all: ObjectList = context.rest.get(OBJECTS).await?.json(200)?;
    assert!(all.objects.len() > 300 && all.objects.is_sorted_by_key(|object| object.id));
    let device = all.objects.iter().find(|object| object.id == 3).context("Device")?;
    assert!(device.versions.len() > 1 && device.resources.is_empty());
    let found: ObjectList = context.rest.get("/api/v1/objects?text=temperature").await?.json(200)?;
    assert_eq!((found.objects[0].id, found.objects[0].name.as_str()), (3303, "Temperature"));
    let found: ObjectList = context.rest.get("/api/v1/objects?text=battery%20level").await?.json(200)?;
    let device = found.objects.iter().find(|object| object.id == 3).context("Device")?;
    assert_eq!(device.resources[0].id, 9);
    let mut peer = context.peer().await?;
    peer.register("has-objects", 300, "</3/0>,</33001/0>").await?;
    let all: ObjectList = context.rest.get(OBJECTS).await?.json(200)?;
    let of = |id| all.objects.iter().find(|object| object.id == id);
    assert_eq!((of(3).context("Device")?.clients, of(5).context("Firmware Update")?.clients), (1, 0));
    let undefined = of(33001).context("an object that nobody has defined")?;
    assert_eq!((undefined.clients, undefined.versions.len(), undefined.name.as_str()), (1, 0, ""));
    let wrong = context.rest.get("/api/v1/objects/3?version=9.9").await?.error(404)?;
    assert!(wrong.details.context("details")?.expected.contains("1.0"));
    assert_eq!(context.rest.get("/api/v1/objects/x").await?.status, 400);
    Ok(())
}
