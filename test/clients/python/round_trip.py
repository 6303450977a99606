"""A round trip by the generated client: the same as test/clients/typescript/round-trip.ts; prints what it saw as JSON."""
import json
import os

from generated_client import AuthenticatedClient, Client
from generated_client.api.default import (
    get_api_v_1_vaults_vault_id_projects as list_projects,
    post_api_v1_sessions as sign_in,
    post_api_v_1_vaults_vault_id_projects as make_project,
)
from generated_client.models import PostApiV1SessionsBody, PostApiV1VaultsVaultIdProjectsBody, Problem

url = os.environ["URL"]
vault_id = os.environ["VAULT"]

session = sign_in.sync(
    client=Client(base_url=url),
    body=PostApiV1SessionsBody(
        email=os.environ["EMAIL"], password=os.environ["PASSWORD"], vault_id=vault_id
    ),
)
client = AuthenticatedClient(base_url=url, token=session.token)
made = make_project.sync_detailed(
    vault_id, client=client, body=PostApiV1VaultsVaultIdProjectsBody(name="payments")
)
listed = list_projects.sync(vault_id, client=client)
again = make_project.sync_detailed(
    vault_id, client=client, body=PostApiV1VaultsVaultIdProjectsBody(name="payments", description="once more")
)
assert isinstance(again.parsed, Problem)
print(
    json.dumps(
        {
            "made": int(made.status_code),
            "names": [project.name for project in listed.projects],
            "refused": {
                "status": int(again.status_code),
                "code": again.parsed.code,
                "next": again.parsed.next_,
            },
        }
    )
)
