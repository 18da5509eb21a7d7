//! Every legal Endpoint Client Name can be asked for.

use anyhow::Result;
use coap::{Code, Options};
use console_api::{Client, Operation, OperationRequest, OperationResponse};
use whole_program_tests::{TestContext, encode_segment};

#[tokio::test]
async fn a_name_that_no_path_can_have_stands_in_the_query() -> Result<()> {
    let context = TestContext::start().await?;
    // With `ep=` as long as an option Uri-Query may be (RFC 7252 §5.10).
    let longest = "x".repeat(252);
    for endpoint in [".", "..", "a/b", "a%2Fb", "?endpoint=x", "ü \"<img src=x onerror=alert(1)>", &longest]
    {
        let mut peer = context.peer().await?;
        peer.register(endpoint, 300, "</3/0>").await?;
        let query = format!("endpoint={}", encode_segment(endpoint));
        let path = format!("/api/v1/clients/_?{query}");
        let client: Client = context.rest.get(&path).await?.json(200)?;
        assert_eq!(client.endpoint, endpoint);
        let read = serde_json::to_string(&OperationRequest::new(Operation::Read, "/3/0/0"))?;
        let path = format!("/api/v1/clients/_/operations?{query}");
        let (answer, ()) = tokio::try_join!(context.rest.post(&path, &read), async {
            let request = peer.receive_request(Code::GET, "/3/0/0").await?;
            peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"x").await
        })?;
        assert_eq!(answer.json::<OperationResponse>(200)?.code, "2.05", "{endpoint}");
        let path = format!("/api/v1/clients/_/refusals?{query}");
        assert_eq!(context.rest.delete(&path).await?.status, 204, "{endpoint}");
    }
    let unknown = context.rest.get("/api/v1/clients/lamp?endpoint=nobody").await?.error(404)?;
    assert!(unknown.message.contains("nobody"), "{unknown:?}");
    Ok(())
}
