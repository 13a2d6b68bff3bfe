//! The doubles and the catalogue agree.

use crate::providers::catalogue;
use crate::sandbox::double::EVERY;
use crate::sandbox::request::Request;
use axum::http::HeaderMap;
use bytes::Bytes;

fn request(method: reqwest::Method, path: &str) -> Request {
    Request {
        method,
        path: path.replace('*', "some-model"),
        query: Some("api-version=2024-10-21".to_owned()),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        wants_long: false,
    }
}

#[test]
fn every_provider_of_the_catalogue_has_a_double() {
    for provider in catalogue() {
        let found = EVERY.iter().any(|double| double.slug() == provider.slug());
        assert!(found, "{} has no double", provider.slug());
    }
}

#[test]
fn every_path_that_calls_a_model_is_answered() {
    for provider in catalogue() {
        let double = EVERY.iter().find(|double| double.slug() == provider.slug()).unwrap();
        for open in provider.inference_paths() {
            let request = request(open.method.clone(), open.pattern);
            let call = format!("{} {} {}", provider.slug(), open.method, open.pattern);
            assert!(
                double.route(&request).is_some(),
                "{call} is open and its double has no such path"
            );
        }
    }
}
