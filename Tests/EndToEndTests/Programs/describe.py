"""Whether what Leasehold serves as /openapi.json is an OpenAPI description: `python describe.py [endpoint]`."""

import json
import sys
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

ENDPOINT = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:9696"
with urllib.request.urlopen(f"{ENDPOINT}/openapi.json") as answer:
    print(f"type={answer.headers['Content-Type']}")
    document = json.load(answer)
problems = list(OpenAPIV31SpecValidator(document).iter_errors())
for problem in problems:
    print(f"problem={problem}")
print(f"version={document['openapi']}")
print(f"paths={len(document['paths'])}")
print(f"schemas={len(document['components']['schemas'])}")
print(f"problems={len(problems)}")
