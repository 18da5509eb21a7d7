//! Register, Update, De-register (LwM2M 1.1 Core §6.2).

use anyhow::Result;
use coap::{Code, Options};
use whole_program_tests::{TestContext, register_options};

const LINKS: &str = "</1/0>,</3/0>,</3303/0>";

fn at(location: &str) -> Options {
    Options::new().with_path(location)
}

#[tokio::test]
async fn s_001_s_020_register_gives_a_location_and_shows_the_client() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, LINKS).await?;
    assert!(location.starts_with("/rd/") && location.matches('/').count() == 2, "{location}");

    let client = context.registered("lamp").await?;
    assert_eq!(client.registration_id, location.trim_start_matches("/rd/"));
    assert_eq!(
        (client.lifetime_s, client.lwm2m_version.as_str(), client.binding.as_str()),
        (300, "1.1", "U")
    );
    assert_eq!(client.address, peer.address()?.to_string());
    assert_eq!(client.objects.iter().map(|object| object.id).collect::<Vec<_>>(), [1, 3, 3303]);
    assert_eq!(client.expires_at_ms - client.updated_at_ms, 300_000);
    Ok(())
}

#[tokio::test]
async fn s_015_a_strict_server_refuses_unknown_parameters() -> Result<()> {
    for (options, code) in [(&[][..], Code::CREATED), (&["--strict"], Code::BAD_REQUEST)] {
        let context = TestContext::start_with(options).await?;
        let mut peer = context.peer().await?;
        let register = register_options("lamp", 300).with_query("colour=red");
        assert_eq!(peer.exchange(Code::POST, register, LINKS.as_bytes()).await?.code, code);
        assert_eq!(context.clients().await?.len(), usize::from(code.is_success()));
    }
    Ok(())
}

/// RFC 7252 §4.5: the effect of a duplicate happens once, and it is answered the same way.
#[tokio::test]
async fn s_142_a_repeated_register_is_answered_with_the_same_bytes() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let register = peer.confirmable(Code::POST, register_options("lamp", 300), LINKS.as_bytes()).encode()?;
    peer.send_bytes(&register).await?;
    let first = peer.receive_bytes().await?;
    for _ in 0..3 {
        peer.send_bytes(&register).await?;
        assert_eq!(peer.receive_bytes().await?, first);
    }
    assert_eq!(context.clients().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn s_002_s_003_a_new_register_replaces_the_old_one() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let old = peer.register("lamp", 300, LINKS).await?;
    let new = peer.register("lamp", 600, "</1/0>,</3/0>").await?;
    assert_ne!(old, new);
    assert_eq!(context.clients().await?.len(), 1);
    assert_eq!(context.registered("lamp").await?.lifetime_s, 600);

    let update = peer.exchange(Code::POST, at(&old), b"").await?;
    assert_eq!(update.code, Code::NOT_FOUND);
    let update = peer.exchange(Code::POST, at(&new), b"").await?;
    assert_eq!(update.code, Code::CHANGED);
    Ok(())
}

/// Devices in the field use POST; PUT is accepted as well.
#[tokio::test]
async fn s_039_s_040_s_042_update_changes_what_it_names_and_nothing_else() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, LINKS).await?;
    let before = context.registered("lamp").await?;

    for (method, lifetime_s) in [(Code::POST, 120), (Code::PUT, 90)] {
        let options = at(&location).with_query(&format!("lt={lifetime_s}"));
        let response = peer.exchange(method, options, b"").await?;
        assert_eq!((response.code, response.payload.len()), (Code::CHANGED, 0));
        let after = context.registered("lamp").await?;
        assert_eq!(after.lifetime_s, lifetime_s);
        assert_eq!(after.objects, before.objects);
    }
    let options = at(&location).with_content_format(40);
    let response = peer.exchange(Code::POST, options, b"</1/0>,</3/0>,</5/0>").await?;
    assert_eq!(response.code, Code::CHANGED);
    let after = context.registered("lamp").await?;
    assert_eq!(after.lifetime_s, 90);
    assert_eq!(after.objects.iter().map(|object| object.id).collect::<Vec<_>>(), [1, 3, 5]);
    Ok(())
}

#[tokio::test]
async fn s_043_s_046_s_047_deregister_removes_the_client_and_its_location() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, LINKS).await?;
    assert_eq!(peer.exchange(Code::DELETE, at(&location), b"").await?.code, Code::DELETED);
    assert_eq!(context.clients().await?, []);
    assert_eq!(peer.exchange(Code::DELETE, at(&location), b"").await?.code, Code::NOT_FOUND);
    assert_eq!(peer.exchange(Code::POST, at(&location), b"").await?.code, Code::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn s_004_s_008_s_013_s_030_a_refused_register_leaves_nothing_behind() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let rd = || Options::new().with_path("/rd").with_content_format(40);
    let named = |name: &str| rd().with_query(&format!("ep={name}")).with_query("lwm2m=1.1");
    let cases: [(&str, Options, &[u8], Code); 9] = [
        ("no endpoint name", rd().with_query("lwm2m=1.1"), b"</3/0>", Code::BAD_REQUEST),
        ("an empty endpoint name", named(""), b"</3/0>", Code::BAD_REQUEST),
        ("a name twice", named("a").with_query("ep=b"), b"</3/0>", Code::BAD_REQUEST),
        ("a name too long", named(&"x".repeat(256)), b"</3/0>", Code::BAD_OPTION),
        ("no lifetime", named("a").with_query("lt=0"), b"</3/0>", Code::BAD_REQUEST),
        ("a lifetime in words", named("a").with_query("lt=day"), b"</3/0>", Code::BAD_REQUEST),
        ("not a link list", named("a"), b"</3/0", Code::BAD_REQUEST),
        ("an empty link list", named("a"), b"", Code::BAD_REQUEST),
        (
            "a version of the future",
            rd().with_query("ep=a").with_query("lwm2m=2.0"),
            b"</3/0>",
            Code::PRECONDITION_FAILED,
        ),
    ];
    for (what, options, payload, expected) in cases {
        let response = peer.exchange(Code::POST, options, payload).await?;
        assert_eq!(response.code, expected, "{what}");
    }
    assert_eq!(context.clients().await?, []);
    Ok(())
}

#[tokio::test]
async fn s_048_a_client_that_says_nothing_more_expires() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 1, LINKS).await?;
    context.registered("lamp").await?;
    context.departed("lamp").await?;
    assert_eq!(peer.exchange(Code::POST, at(&location), b"").await?.code, Code::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn any_legal_endpoint_name_works_everywhere() -> Result<()> {
    let context = TestContext::start().await?;
    let long = "n".repeat(252); // with `ep=` the longest that fits into a Uri-Query (RFC 7252 §5.10)
    for name in
        ["urn:dev:ops:1-2", "a/b", "say \"hi\"", "it's", "Zähler 7", "温度", "%2F", "?q=1#x", "..", &long]
    {
        let mut peer = context.peer().await?;
        peer.register(name, 300, LINKS).await?;
        assert_eq!(context.registered(name).await?.endpoint, name);
    }
    assert_eq!(context.clients().await?.len(), 10);
    Ok(())
}
