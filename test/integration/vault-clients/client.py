"""What the suite does with the public client: the calls that the task names, their results as one JSON object."""
import json
import socket
import sys
import threading
import time

import sikkerkey
from sikkerkey import SikkerKey


def outcome(call):
    """The value, or the name of the client's error."""
    try:
        return call()
    except sikkerkey.SikkerKeyError as error:
        return {"error": type(error).__name__}


def first_event(client, secret_id):
    """What the first poll says of a secret that is watched."""
    told = threading.Event()
    events = []

    def remember(event):
        events.append({"status": event.status.value, "value": event.value, "fields": event.fields})
        told.set()

    client.watch(secret_id, remember)
    told.wait(timeout=20)
    client.close()
    return events


def items(listed):
    return [[item.id, item.name, item.field_names, item.project_id] for item in listed]


def reads(task):
    client = SikkerKey(task.get("vault"))
    result = {
        "machine": [client.machine_id, client.machine_name, client.vault_id, client.api_url],
        "vaults": SikkerKey.list_vaults(),
        "secrets": {id: outcome(lambda id=id: client.get_secret(id)) for id in task["secrets"]},
        "fields": {id: outcome(lambda id=id: client.get_fields(id)) for id in task["fields"]},
        "field": outcome(lambda: client.get_field(task["fields"][0], "no such field")),
        "list": items(client.list_secrets()),
        "listed": {id: outcome(lambda id=id: items(client.list_secrets_by_project(id))) for id in task["projects"]},
        "export": client.export(),
        "exported": {id: outcome(lambda id=id: client.export(id)) for id in task["projects"]},
    }
    return result


def watch(task):
    return first_event(SikkerKey(task.get("vault")), task["secret"])


def enroll(task):
    client = SikkerKey.bootstrap_in_memory(task["vault"], task["token"], hostname="runner-1")
    return {"name": client.machine_name, "url": client.api_url, "value": client.get_secret(task["secret"])}


def cached(task):
    """Reads by way of the cache; the client waits between attempts, and the suite does not."""
    sikkerkey.client.time.sleep = lambda _: None
    fallbacks = []
    client = SikkerKey(task.get("vault")).enable_cache(on_fallback=lambda id, at: fallbacks.append(id))
    return {"value": outcome(lambda: client.get_secret(task["secret"])), "fallbacks": fallbacks}


def replica(task):
    """One of several processes with one identity: prints the value read, then each that its watch tells of.

    Time runs faster for it as for the vault, so that a poll each fifteen seconds needs no quarter of a minute.
    """
    began, speed, real = task["began"], task["speed"], time.time
    time.time = lambda: began + (real() - began) * speed
    connect = socket.create_connection
    socket.create_connection = lambda address, timeout=None, source_address=None, **options: connect(
        address, timeout, (task["source"], 0), **options
    )
    client = SikkerKey(task.get("vault"))
    client._poll_interval = client._poll_interval / speed

    def tell(value):
        print(json.dumps(value), flush=True)

    tell(client.get_secret(task["secret"]))
    client.watch(task["secret"], lambda event: tell(event.value))
    sys.stdin.read()
    client.close()


task = json.loads(sys.argv[1])
print(json.dumps(globals()[task["do"]](task)))
