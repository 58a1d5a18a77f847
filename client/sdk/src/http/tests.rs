use super::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

#[test]
fn only_addresses_of_the_internet_are_public() {
    for public in ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for other in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::",
        "2001:db8::1",
    ] {
        assert!(!is_public(other.parse().unwrap()), "{other}");
    }
}

async fn refused(url: &str) -> HttpError {
    let url = Url::parse(url).unwrap();
    ask(&url, Message::Get, None, 100).await.err().unwrap()
}

#[tokio::test]
async fn addresses_that_are_not_asked() {
    for url in [
        "http://issuer.example/",
        "http://93.184.216.34/",
        "ftp://127.0.0.1/",
    ] {
        assert_eq!(refused(url).await, HttpError::Unencrypted, "{url}");
    }
    for url in [
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[fd00::1]/",
    ] {
        assert!(matches!(refused(url).await, HttpError::Private(_)), "{url}");
    }
}

/// A service that says one thing, to one who asks.
async fn service(answer: Vec<u8>) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let read = stream.read(&mut asked).await.unwrap();
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
        String::from_utf8_lossy(&asked[..read]).into_owned()
    });
    (Url::parse(&url).unwrap(), task)
}

#[tokio::test]
async fn an_answer_comes_with_its_status() {
    let text = b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}";
    let (url, asked) = service(text.to_vec()).await;
    let answer = ask(&url, Message::Json("{}"), Some("token"), 100)
        .await
        .ok()
        .unwrap();
    assert_eq!((answer.status, answer.retry_after), (429, Some(7)));
    assert_eq!(&answer.body[..], b"{}");
    let asked = asked.await.unwrap().to_lowercase();
    assert!(asked.starts_with("post /a ") && asked.contains("authorization: bearer token"));
}

#[tokio::test]
async fn an_answer_that_goes_on_is_not_read_to_its_end() {
    let mut text = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    text.resize(1 << 20, b'x');
    let (url, _) = service(text).await;
    let answer = ask(&url, Message::Get, None, 1_000).await;
    assert!(matches!(
        answer.err().unwrap(),
        HttpError::TooLong { limit: 1_000, .. }
    ));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let text = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let (url, _) = service(text.to_vec()).await;
    assert!(matches!(
        ask(&url, Message::Get, None, 100).await.err().unwrap(),
        HttpError::Redirect(_)
    ));
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let (url, _) = service(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx".to_vec()).await;
    let error = ask(&url, Message::Get, None, 1_000).await.err().unwrap();
    assert!(matches!(error, HttpError::NoAnswer { .. }));
}
