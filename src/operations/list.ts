// Written by `npm run operations` from OpenAI's OpenAPI document (github.com/openai/openai-openapi, commit f85dbe2).

/**
 * Method, path, body (`-`, `json`, `form` or `either`), and marks: `admin` takes an admin key, `pages` gives a list page by
 * page, `stream` can stream, `bytes` gives no JSON.
 */
export const OPERATIONS = `\
GET /assistants - pages
POST /assistants json
GET /assistants/{assistant_id} -
POST /assistants/{assistant_id} json
DELETE /assistants/{assistant_id} -
POST /audio/speech json stream bytes
POST /audio/transcriptions form stream
POST /audio/translations form
GET /audio/voice_consents - pages
POST /audio/voice_consents form
GET /audio/voice_consents/{consent_id} -
POST /audio/voice_consents/{consent_id} json
DELETE /audio/voice_consents/{consent_id} -
POST /audio/voices form
GET /batches - pages
POST /batches json
GET /batches/{batch_id} -
POST /batches/{batch_id}/cancel -
GET /chat/completions - pages
POST /chat/completions json stream
GET /chat/completions/{completion_id} -
POST /chat/completions/{completion_id} json
DELETE /chat/completions/{completion_id} -
GET /chat/completions/{completion_id}/messages - pages
POST /completions json
GET /containers - pages
POST /containers json
GET /containers/{container_id} -
DELETE /containers/{container_id} -
GET /containers/{container_id}/files - pages
POST /containers/{container_id}/files either
GET /containers/{container_id}/files/{file_id} -
DELETE /containers/{container_id}/files/{file_id} -
GET /containers/{container_id}/files/{file_id}/content -
GET /conversations/{conversation_id}/items - pages
POST /conversations/{conversation_id}/items json
GET /conversations/{conversation_id}/items/{item_id} -
DELETE /conversations/{conversation_id}/items/{item_id} -
POST /embeddings json
GET /evals - pages
POST /evals json
GET /evals/{eval_id} -
POST /evals/{eval_id} json
DELETE /evals/{eval_id} -
GET /evals/{eval_id}/runs - pages
POST /evals/{eval_id}/runs json
GET /evals/{eval_id}/runs/{run_id} -
POST /evals/{eval_id}/runs/{run_id} -
DELETE /evals/{eval_id}/runs/{run_id} -
GET /evals/{eval_id}/runs/{run_id}/output_items - pages
GET /evals/{eval_id}/runs/{run_id}/output_items/{output_item_id} -
GET /files - pages
POST /files form
GET /files/{file_id} -
DELETE /files/{file_id} -
GET /files/{file_id}/content -
POST /fine_tuning/alpha/graders/run json
POST /fine_tuning/alpha/graders/validate json
GET /fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions - pages
POST /fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions json
DELETE /fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id} -
GET /fine_tuning/jobs - pages
POST /fine_tuning/jobs json
GET /fine_tuning/jobs/{fine_tuning_job_id} -
POST /fine_tuning/jobs/{fine_tuning_job_id}/cancel -
GET /fine_tuning/jobs/{fine_tuning_job_id}/checkpoints - pages
GET /fine_tuning/jobs/{fine_tuning_job_id}/events - pages
POST /fine_tuning/jobs/{fine_tuning_job_id}/pause -
POST /fine_tuning/jobs/{fine_tuning_job_id}/resume -
POST /images/edits either stream
POST /images/generations json stream
POST /images/variations form
GET /models -
GET /models/{model} -
DELETE /models/{model} -
POST /moderations json
GET /organization/admin_api_keys - admin pages
POST /organization/admin_api_keys json admin
GET /organization/admin_api_keys/{key_id} - admin
DELETE /organization/admin_api_keys/{key_id} - admin
GET /organization/audit_logs - admin pages
GET /organization/certificates - admin pages
POST /organization/certificates json admin
POST /organization/certificates/activate json admin
POST /organization/certificates/deactivate json admin
GET /organization/certificates/{certificate_id} - admin
POST /organization/certificates/{certificate_id} json admin
DELETE /organization/certificates/{certificate_id} - admin
GET /organization/costs - admin pages
GET /organization/data_retention - admin
POST /organization/data_retention json admin
GET /organization/groups - admin pages
POST /organization/groups json admin
GET /organization/groups/{group_id} - admin
POST /organization/groups/{group_id} json admin
DELETE /organization/groups/{group_id} - admin
GET /organization/groups/{group_id}/roles - admin pages
POST /organization/groups/{group_id}/roles json admin
GET /organization/groups/{group_id}/roles/{role_id} - admin
DELETE /organization/groups/{group_id}/roles/{role_id} - admin
GET /organization/groups/{group_id}/users - admin pages
POST /organization/groups/{group_id}/users json admin
GET /organization/groups/{group_id}/users/{user_id} - admin
DELETE /organization/groups/{group_id}/users/{user_id} - admin
GET /organization/invites - admin pages
POST /organization/invites json admin
GET /organization/invites/{invite_id} - admin
DELETE /organization/invites/{invite_id} - admin
GET /organization/projects - admin pages
POST /organization/projects json admin
GET /organization/projects/{project_id} - admin
POST /organization/projects/{project_id} json admin
GET /organization/projects/{project_id}/api_keys - admin pages
GET /organization/projects/{project_id}/api_keys/{api_key_id} - admin
DELETE /organization/projects/{project_id}/api_keys/{api_key_id} - admin
POST /organization/projects/{project_id}/archive - admin
GET /organization/projects/{project_id}/certificates - admin pages
POST /organization/projects/{project_id}/certificates/activate json admin
POST /organization/projects/{project_id}/certificates/deactivate json admin
GET /organization/projects/{project_id}/data_retention - admin
POST /organization/projects/{project_id}/data_retention json admin
GET /organization/projects/{project_id}/groups - admin pages
POST /organization/projects/{project_id}/groups json admin
GET /organization/projects/{project_id}/groups/{group_id} - admin
DELETE /organization/projects/{project_id}/groups/{group_id} - admin
GET /organization/projects/{project_id}/hosted_tool_permissions - admin
POST /organization/projects/{project_id}/hosted_tool_permissions json admin
GET /organization/projects/{project_id}/model_permissions - admin
POST /organization/projects/{project_id}/model_permissions json admin
DELETE /organization/projects/{project_id}/model_permissions - admin
GET /organization/projects/{project_id}/rate_limits - admin pages
POST /organization/projects/{project_id}/rate_limits/{rate_limit_id} json admin
GET /organization/projects/{project_id}/service_accounts - admin pages
POST /organization/projects/{project_id}/service_accounts json admin
GET /organization/projects/{project_id}/service_accounts/{service_account_id} - admin
POST /organization/projects/{project_id}/service_accounts/{service_account_id} json admin
DELETE /organization/projects/{project_id}/service_accounts/{service_account_id} - admin
GET /organization/projects/{project_id}/spend_alerts - admin pages
POST /organization/projects/{project_id}/spend_alerts json admin
GET /organization/projects/{project_id}/spend_alerts/{alert_id} - admin
POST /organization/projects/{project_id}/spend_alerts/{alert_id} json admin
DELETE /organization/projects/{project_id}/spend_alerts/{alert_id} - admin
GET /organization/projects/{project_id}/users - admin pages
POST /organization/projects/{project_id}/users json admin
GET /organization/projects/{project_id}/users/{user_id} - admin
POST /organization/projects/{project_id}/users/{user_id} json admin
DELETE /organization/projects/{project_id}/users/{user_id} - admin
GET /organization/roles - admin pages
POST /organization/roles json admin
GET /organization/roles/{role_id} - admin
POST /organization/roles/{role_id} json admin
DELETE /organization/roles/{role_id} - admin
GET /organization/spend_alerts - admin pages
POST /organization/spend_alerts json admin
GET /organization/spend_alerts/{alert_id} - admin
POST /organization/spend_alerts/{alert_id} json admin
DELETE /organization/spend_alerts/{alert_id} - admin
GET /organization/usage/audio_speeches - admin pages
GET /organization/usage/audio_transcriptions - admin pages
GET /organization/usage/code_interpreter_sessions - admin pages
GET /organization/usage/completions - admin pages
GET /organization/usage/embeddings - admin pages
GET /organization/usage/file_search_calls - admin pages
GET /organization/usage/images - admin pages
GET /organization/usage/moderations - admin pages
GET /organization/usage/vector_stores - admin pages
GET /organization/usage/web_search_calls - admin pages
GET /organization/users - admin pages
GET /organization/users/{user_id} - admin
POST /organization/users/{user_id} json admin
DELETE /organization/users/{user_id} - admin
GET /organization/users/{user_id}/roles - admin pages
POST /organization/users/{user_id}/roles json admin
GET /organization/users/{user_id}/roles/{role_id} - admin
DELETE /organization/users/{user_id}/roles/{role_id} - admin
GET /projects/{project_id}/groups/{group_id}/roles - admin pages
POST /projects/{project_id}/groups/{group_id}/roles json admin
GET /projects/{project_id}/groups/{group_id}/roles/{role_id} - admin
DELETE /projects/{project_id}/groups/{group_id}/roles/{role_id} - admin
GET /projects/{project_id}/roles - admin pages
POST /projects/{project_id}/roles json admin
GET /projects/{project_id}/roles/{role_id} - admin
POST /projects/{project_id}/roles/{role_id} json admin
DELETE /projects/{project_id}/roles/{role_id} - admin
GET /projects/{project_id}/users/{user_id}/roles - admin pages
POST /projects/{project_id}/users/{user_id}/roles json admin
GET /projects/{project_id}/users/{user_id}/roles/{role_id} - admin
DELETE /projects/{project_id}/users/{user_id}/roles/{role_id} - admin
POST /realtime/calls form bytes
POST /realtime/calls/{call_id}/accept json
POST /realtime/calls/{call_id}/hangup -
POST /realtime/calls/{call_id}/refer json
POST /realtime/calls/{call_id}/reject json
POST /realtime/client_secrets json
POST /realtime/sessions json
POST /realtime/transcription_sessions json
POST /realtime/translations/client_secrets json
POST /responses json stream
GET /responses/{response_id} -
DELETE /responses/{response_id} -
POST /responses/{response_id}/cancel -
GET /responses/{response_id}/input_items - pages
POST /threads json
POST /threads/runs json
GET /threads/{thread_id} -
POST /threads/{thread_id} json
DELETE /threads/{thread_id} -
GET /threads/{thread_id}/messages - pages
POST /threads/{thread_id}/messages json
GET /threads/{thread_id}/messages/{message_id} -
POST /threads/{thread_id}/messages/{message_id} json
DELETE /threads/{thread_id}/messages/{message_id} -
GET /threads/{thread_id}/runs - pages
POST /threads/{thread_id}/runs json
GET /threads/{thread_id}/runs/{run_id} -
POST /threads/{thread_id}/runs/{run_id} json
POST /threads/{thread_id}/runs/{run_id}/cancel -
GET /threads/{thread_id}/runs/{run_id}/steps - pages
GET /threads/{thread_id}/runs/{run_id}/steps/{step_id} -
POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs json
POST /uploads json
POST /uploads/{upload_id}/cancel -
POST /uploads/{upload_id}/complete json
POST /uploads/{upload_id}/parts form
GET /vector_stores - pages
POST /vector_stores json
GET /vector_stores/{vector_store_id} -
POST /vector_stores/{vector_store_id} json
DELETE /vector_stores/{vector_store_id} -
POST /vector_stores/{vector_store_id}/file_batches json
GET /vector_stores/{vector_store_id}/file_batches/{batch_id} -
POST /vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel -
GET /vector_stores/{vector_store_id}/file_batches/{batch_id}/files - pages
GET /vector_stores/{vector_store_id}/files - pages
POST /vector_stores/{vector_store_id}/files json
GET /vector_stores/{vector_store_id}/files/{file_id} -
POST /vector_stores/{vector_store_id}/files/{file_id} json
DELETE /vector_stores/{vector_store_id}/files/{file_id} -
GET /vector_stores/{vector_store_id}/files/{file_id}/content -
POST /vector_stores/{vector_store_id}/search json
POST /conversations json
GET /conversations/{conversation_id} -
POST /conversations/{conversation_id} json
DELETE /conversations/{conversation_id} -
GET /organization/spend_limit - admin
POST /organization/spend_limit json admin
DELETE /organization/spend_limit - admin
GET /organization/projects/{project_id}/spend_limit - admin
POST /organization/projects/{project_id}/spend_limit json admin
DELETE /organization/projects/{project_id}/spend_limit - admin
POST /organization/projects/{project_id}/service_accounts/{service_account_id}/api_keys json admin
POST /content_provenance_checks form
GET /videos - pages
POST /videos either
POST /videos/characters form
GET /videos/characters/{character_id} -
POST /videos/edits either
POST /videos/extensions either
GET /videos/{video_id} -
DELETE /videos/{video_id} -
GET /videos/{video_id}/content - bytes
POST /videos/{video_id}/remix either
POST /responses/input_tokens json
POST /responses/compact json
GET /skills - pages
POST /skills either
GET /skills/{skill_id} -
POST /skills/{skill_id} json
DELETE /skills/{skill_id} -
GET /skills/{skill_id}/content - bytes
GET /skills/{skill_id}/versions - pages
POST /skills/{skill_id}/versions either
GET /skills/{skill_id}/versions/{version} -
DELETE /skills/{skill_id}/versions/{version} -
GET /skills/{skill_id}/versions/{version}/content - bytes
POST /chatkit/sessions/{session_id}/cancel -
POST /chatkit/sessions json
GET /chatkit/threads/{thread_id}/items - pages
GET /chatkit/threads/{thread_id} -
DELETE /chatkit/threads/{thread_id} -
GET /chatkit/threads - pages
POST /responses?beta=true json stream
GET /responses/{response_id}?beta=true -
DELETE /responses/{response_id}?beta=true -
POST /responses/{response_id}/cancel?beta=true -
POST /responses/compact?beta=true json
GET /responses/{response_id}/input_items?beta=true - pages
POST /responses/input_tokens?beta=true json
`;
