//! The text and the serde format of handle ids.

use session_core::HandleId;

#[test]
fn a_handle_id_is_serialized_as_text_in_every_format() {
    let id = HandleId::from([7; 16]);
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(json, format!("\"{id}\""));
    assert_eq!(serde_json::from_str::<HandleId>(&json).unwrap(), id);
    assert_eq!(serde_json::from_value::<HandleId>(serde_json::json!(id.to_string())).unwrap(), id);
    let list: Vec<HandleId> = serde_json::from_reader(format!("[{json}]").as_bytes()).unwrap();
    assert_eq!(list, [id]);
}

#[test]
fn the_error_of_a_malformed_handle_id_does_not_contain_it() {
    for text in ["\"secret-token\"", "\"\"", "7", "null"] {
        let error = serde_json::from_str::<HandleId>(text).unwrap_err().to_string();
        assert!(error.contains("22 characters of base64url") && !error.contains("secret"), "{error}");
    }
}
