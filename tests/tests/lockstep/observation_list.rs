//! What operators want observed, and what has become of it.

use anyhow::Result;
use coap::{Code, Message, Options};
use console_api::{ObservationEntry, ObservationList, ObservationState, Operation, OperationRequest};
use whole_program_tests::{RawPeer, TestContext, wait};

const PATH: &str = "/3303/0/5700";

async fn list(context: &TestContext, query: &str) -> Result<ObservationList> {
    context.rest.get(&format!("/api/v1/observations{query}")).await?.json(200)
}

/// Waits until the observation of a device is in this state.
async fn in_state(
    context: &TestContext,
    endpoint: &str,
    state: ObservationState,
) -> Result<ObservationEntry> {
    wait::until(&format!("{endpoint} to be {state:?}"), async || {
        let list = list(context, &format!("?endpoint={endpoint}")).await?;
        Ok(list.observations.into_iter().find(|entry| entry.state == state))
    })
    .await
}

async fn observed(context: &TestContext, endpoint: &str) -> Result<(RawPeer, Message)> {
    let mut peer = context.peer().await?;
    peer.register(endpoint, 300, "</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (_, request) = tokio::try_join!(context.operate(endpoint, &observe), accept(&peer))?;
    Ok((peer, request))
}

async fn accept(peer: &RawPeer) -> Result<Message> {
    let request = peer.receive_request(Code::GET, PATH).await?;
    peer.answer(&request, Code::CONTENT, Options::new().with_observe(1).with_content_format(0), b"21.0")
        .await?;
    Ok(request)
}

#[tokio::test]
async fn an_observation_is_active_waits_and_ends_and_says_why() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    let active = in_state(&context, "lamp", ObservationState::Active).await?;
    assert_eq!((active.path.as_str(), active.why.as_deref()), (PATH, None));
    let before = active.notifications;
    for number in 2..5 {
        let options = Options::new().with_observe(number).with_content_format(0);
        peer.notify(&request, false, options, b"22.0").await?;
    }
    let counted = wait::until("three more", async || {
        let entry = list(&context, "").await?.observations.remove(0);
        Ok((entry.notifications == before + 3).then_some(entry))
    });
    assert!(counted.await?.last_notification_ms.is_some());

    let location = context.client("lamp").await?.expect("registered").registration_id;
    let gone = peer.exchange(Code::DELETE, Options::new().with_path(&format!("/rd/{location}")), b"").await?;
    assert_eq!(gone.code, Code::DELETED);
    let waiting = in_state(&context, "lamp", ObservationState::Waiting).await?;
    assert_eq!(waiting.why.as_deref(), Some("the client has de-registered"));

    peer.register("lamp", 300, "</3303/0>").await?;
    let again = peer.receive_request(Code::GET, PATH).await?;
    peer.answer(&again, Code::NOT_FOUND, Options::new(), b"").await?;
    let ended = in_state(&context, "lamp", ObservationState::Ended).await?;
    assert!(ended.why.is_some_and(|why| why.contains("4.04")));

    peer.register("lamp", 300, "</3303/0>").await?;
    accept(&peer).await?;
    in_state(&context, "lamp", ObservationState::Active).await?;
    let cancel = OperationRequest {
        how: Some(console_api::Cancellation::Passive),
        ..OperationRequest::new(Operation::CancelObservation, PATH)
    };
    context.operate("lamp", &cancel).await?;
    assert_eq!(list(&context, "").await?.total, 0, "what nobody wants any more is not listed");
    Ok(())
}

#[tokio::test]
async fn the_list_is_filtered_and_told_in_pages() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peers = Vec::new();
    for endpoint in ["c", "a", "b/\"ü\""] {
        peers.push(observed(&context, endpoint).await?);
    }
    let names =
        |list: ObservationList| list.observations.into_iter().map(|entry| entry.endpoint).collect::<Vec<_>>();
    let page = list(&context, "?offset=1&limit=1").await?;
    assert_eq!((page.total, names(page)), (3, vec!["b/\"ü\"".to_owned()]));
    assert_eq!(names(list(&context, "?text=%C3%BC%205700").await?), ["b/\"ü\""]);
    assert_eq!(list(&context, "?state=waiting").await?.total, 0);
    assert_eq!(list(&context, "?state=active&limit=0").await?.total, 3);
    for query in ["?state=asleep", "?limit=10001", "?offset=x"] {
        assert_eq!(context.rest.get(&format!("/api/v1/observations{query}")).await?.status, 400, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn the_last_notification_tells_whether_it_was_confirmable_and_a_jump_that_some_are_missing()
-> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    let in_state = in_state(&context, "lamp", ObservationState::Active).await?;
    assert_eq!((in_state.sequence_gaps, in_state.accept, in_state.parameters), (0, None, None));
    for (number, confirmable) in [(2, true), (3, false), (4, false), (5, false), (8, false)] {
        let options = Options::new().with_observe(number).with_content_format(0);
        peer.notify(&request, confirmable, options, b"22.0").await?;
    }
    let counted = wait::until("the jump", async || {
        let entry = list(&context, "").await?.observations.remove(0);
        Ok((entry.sequence_gaps > 0).then_some(entry))
    });
    let counted = counted.await?;
    assert_eq!((counted.sequence_gaps, counted.confirmable), (2, Some(false)));
    Ok(())
}

/// What is in force, by name, value and origin.
async fn in_force(context: &TestContext) -> Result<Option<Vec<String>>> {
    let entry = list(context, "?endpoint=lamp").await?.observations.remove(0);
    let attributes = entry.attributes.map(|attributes| {
        attributes.iter().map(|one| format!("{} {} {}", one.name, one.value, one.origin)).collect()
    });
    Ok(attributes)
}

#[tokio::test]
async fn attributes_in_force_are_told_with_their_origin_also_after_a_crash() -> Result<()> {
    let mut context = TestContext::start().await?;
    let (peer, _) = observed(&context, "lamp").await?;
    in_state(&context, "lamp", ObservationState::Active).await?;
    assert_eq!(in_force(&context).await?, None, "nobody has asked");
    let answered = async |json: &str, code, format, payload: &'static [u8]| {
        let asked = crate::asked(json);
        tokio::try_join!(context.operate("lamp", &asked), async {
            let request = peer.receive().await?;
            peer.answer(&request, code, Options::new().with_content_format(format), payload).await
        })
    };
    let links = b"</3303/0>;pmax=60,</3303/0/5700>,</3303/0/5701>";
    answered(r#"{"op":"discover","path":"/3303/0"}"#, Code::CONTENT, 40, links).await?;
    let from_instance = "pmax 60 from /3303/0".to_owned();
    assert_eq!(in_force(&context).await?, Some(vec![from_instance.clone()]));
    let write = format!(r#"{{"op":"write-attributes","path":"{PATH}","attributes":"pmin=5&gt=24"}}"#);
    answered(&write, Code::CHANGED, 0, b"").await?;
    let [pmin, gt] = ["pmin 5", "gt 24"].map(|attribute| format!("{attribute} from {PATH}"));
    let all = Some(vec![pmin, from_instance, gt]);
    assert_eq!(in_force(&context).await?, all);
    context.crash().await?;
    assert_eq!(in_force(&context).await?, all);
    assert!(list(&context, "").await?.observations[0].discovered_ms.is_some());
    Ok(())
}

#[tokio::test]
async fn how_an_observation_was_asked_for_is_told() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register_as("1.2", "lamp", "</3303/0>").await?;
    let json = format!(r#"{{"op":"observe","path":"{PATH}","accept":112,"attributes":"pmin=5&gt=24"}}"#);
    let asked = crate::asked(&json);
    tokio::try_join!(context.operate("lamp", &asked), async {
        let request = peer.receive_request(Code::GET, PATH).await?;
        let options = Options::new().with_observe(1).with_content_format(112);
        peer.answer(&request, Code::CONTENT, options, &[0x80]).await
    })?;
    for _ in 0..2 {
        let entry = in_state(&context, "lamp", ObservationState::Active).await?;
        assert_eq!((entry.accept, entry.parameters.as_deref()), (Some(112), Some("pmin=5&gt=24")));
        let own = ["pmin 5", "gt 24"].map(|attribute| format!("{attribute} given with the Observe"));
        assert_eq!(in_force(&context).await?, Some(own.to_vec()));
        context.crash().await?;
    }
    Ok(())
}
