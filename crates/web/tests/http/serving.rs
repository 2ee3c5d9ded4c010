//! Over a real socket: requests are answered, and the end waits for those that run.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::support::House;

#[tokio::test]
async fn the_end_waits_for_a_request_that_runs_and_lets_no_other_in() {
    let house = House::new().await;
    let token = house.token("anna", &["crm"]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = ended.await;
    };
    let server = tokio::spawn(gantry_web::serve(
        house.engine.clone(),
        crate::support::site(),
        listener,
        shutdown,
    ));
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut start = [0; 15];
    idle.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");

    let mut running = TcpStream::connect(address).await.unwrap();
    let body = r#"{"fields": {"name": "Works"}}"#;
    let head = format!(
        "POST /api/v1/crm/companies HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    running.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: the request runs.
    let mut asked = [0; 25];
    running.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    end.send(()).unwrap();
    running.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
