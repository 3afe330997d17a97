import Foundation
import Testing

@Suite("Who may do what", .enabled(if: Lab.isPossible), .serialized)
struct AccessTests {
    /// The SDK, the real Keystone and a WSGI server for it.
    private static func python() throws -> PythonEnvironment {
        try .make(
            "keystone", packages: ["keystone==30.0.0", "openstacksdk==4.22.0", "waitress==3.0.2"])
    }

    /// Writes the text into a file of the script's own, `$file`, to be run or read.
    private static func file(_ name: String, _ text: String) -> String {
        "cat > \(name) <<'LEASEHOLD_END'\n\(text)\nLEASEHOLD_END\n"
    }

    @Test("two projects with tokens are refused what is the other's, at once and until a token is revoked")
    func tokens() throws {
        let python = try Self.python()
        let connections = """
            import os
            def connect(token):
                return openstack.connect(
                    auth_type="admin_token", auth=dict(endpoint="http://127.0.0.1:9696", token=token),
                    network_endpoint_override="http://127.0.0.1:9696", load_yaml_config=False, load_envvars=False)
            admin, blue, red, reader = (connect(os.environ[n]) for n in ("ADMIN", "BLUE", "RED", "READER"))
            """
        let result = try Lab.run(
            #"""
            set -e
            cd $state
            token() { leasehold token "$@" --config-file $state/lab.ini; }
            make() { token create "$1" --project "$2" --role "$3" -f value -c token; }
            echo "empty=$(leasehold network list 2>&1)"
            export ADMIN=$(make ops ops admin) BLUE=$(make alice blue member) RED=$(make bob red member)
            export READER=$(make carol blue reader)
            \#(Self.file("two.py", TwoProjects.script(connections)))
            \#(python.program("python")) two.py
            echo "mode=$(stat -c %a api-tokens.json)"
            for secret in $ADMIN $BLUE $RED $READER; do
                grep -rl "${secret#leasehold_}" $state --include='*.json' --include='*.log' --include='*.ini' || true
            done | sed 's/^/leaked=/'
            echo "listed=$(token list -f value -c name -c role | tr '\n' ',')"
            echo "before=$(OS_TOKEN=$BLUE leasehold network list -f value -c Name | sort | tr '\n' ' ')"
            token revoke alice
            echo "after=$(OS_TOKEN=$BLUE leasehold network list 2>&1)"
            echo "option=$(leasehold network list --token $ADMIN -f value -c Name | wc -l)"
            chmod 644 api-tokens.json
            echo "open=$(OS_TOKEN=$ADMIN leasehold network list 2>&1)"
            echo "refused=$(token list 2>&1)"
            """#, settings: "[DEFAULT]\nauth_strategy = token\n")
        #expect(result.status == 0, "\(result.output)")
        #expect(result["wrong"] == [], "\(result.output)")
        #expect(result["checked"].first.flatMap { Int($0) } ?? 0 >= 47, "\(result.output)")
        #expect(result["empty"].first?.contains("wants a token: set OS_TOKEN") == true, "\(result.output)")
        #expect(result["mode"] == ["600"])
        #expect(result["leaked"] == [])
        #expect(result["listed"] == ["ops admin,alice member,bob member,carol reader,"], "\(result.output)")
        #expect(result["before"] == ["open renamed "], "\(result.output)")
        #expect(result["after"].first?.contains("OS_TOKEN is not it") == true, "\(result.output)")
        #expect(result["option"] == ["3"], "\(result.output)")
        #expect(result["open"].first?.contains("cannot find out who you are") == true, "\(result.output)")
        #expect(result["refused"].first?.contains("run chmod 600") == true, "\(result.output)")
    }

    @Test(
        "two projects of a real Keystone are refused what is the other's; revocation and outage are noticed")
    func keystone() throws {
        let python = try Self.python()
        let result = try Lab.run(
            #"""
            set -e
            mkdir -m 700 $state/keystone; cd $state/keystone
            \#(Self.file("keystone.conf", Self.keystoneConfiguration))
            \#(Self.file("serve.py", Self.keystoneServer))
            export PATH=\#(python.folder.path)/bin:$PATH OS_KEYSTONE_CONFIG_FILES=$PWD/keystone.conf
            manage() { keystone-manage --config-file keystone.conf "$@" >>manage.log 2>&1 || { cat manage.log; exit 9; }; }
            manage db_sync
            manage fernet_setup --keystone-user root --keystone-group root
            manage credential_setup --keystone-user root --keystone-group root
            manage bootstrap --bootstrap-password adminpw --bootstrap-public-url http://127.0.0.1:5000/v3 \
                --bootstrap-region-id R
            start() {
                python serve.py >>keystone.log 2>&1 &
                keystone=$!
                until_true curl -sf http://127.0.0.1:5000/v3 || { tail -n 20 keystone.log; exit 7; }
            }
            start
            trap 'kill $keystone 2>/dev/null || true' EXIT
            \#(Self.file("two.py", TwoProjects.script(Self.keystoneConnections)))
            \#(Self.file("revoke.py", Self.revocation))
            python two.py || { tail -n 50 $state/serve.log; tail -n 20 keystone.log; exit 8; }
            echo "header=$(curl -si http://127.0.0.1:9696/v2.0/networks | tr -d '\r' | grep -i '^www-authenticate')"
            echo "unknown=$(curl -s -o /dev/null -w %{http_code} -H 'X-Auth-Token: gAAAAA' http://127.0.0.1:9696/v2.0/networks)"
            python revoke.py $state/token
            kill $keystone; wait $keystone || true
            echo "down=$(curl -s -w ' %{http_code}' -H "X-Auth-Token: $(cat $state/token)" http://127.0.0.1:9696/v2.0/networks)"
            echo "log=$(grep -c 'Keystone at http://127.0.0.1:5000 cannot be reached' $state/serve.log)"
            start
            echo "back=$(curl -s -o /dev/null -w %{http_code} -H "X-Auth-Token: $(cat $state/token)" http://127.0.0.1:9696/v2.0/networks)"
            for secret in servicepw "$(cat $state/token)"; do
                grep -l -- "$secret" $state/serve.log $state/*.sqlite* || true
            done | sed 's/^/leaked=/'
            """#,
            settings: """
                [DEFAULT]
                auth_strategy = keystone
                [keystone_authtoken]
                auth_url = http://127.0.0.1:5000
                www_authenticate_uri = http://127.0.0.1:5000/v3
                auth_type = password
                username = neutron
                password = servicepw
                project_name = service
                user_domain_name = Default
                project_domain_name = Default
                token_cache_time = 20
                http_request_max_retries = 1
                memcached_servers = 127.0.0.1:11211

                """)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["wrong"] == [], "\(result.output)")
        #expect(result["checked"].first.flatMap { Int($0) } ?? 0 >= 47, "\(result.output)")
        #expect(
            result["header"] == [#"www-authenticate: Keystone uri="http://127.0.0.1:5000/v3""#]
                || result["header"] == [#"WWW-Authenticate: Keystone uri="http://127.0.0.1:5000/v3""#],
            "\(result.output)")
        #expect(result["unknown"] == ["401"], "\(result.output)")
        #expect(result["revoked"] == ["200 200 401"], "\(result.output)")
        #expect(result["expired"] == ["401"], "\(result.output)")
        #expect(result["down"].first?.hasSuffix(" 503") == true, "\(result.output)")
        #expect(result["log"].first.flatMap { Int($0) } ?? 0 > 0, "\(result.output)")
        #expect(result["back"] == ["200"], "\(result.output)")
        #expect(result["leaked"] == [], "\(result.output)")
    }

    @Test("over TLS links say https, and a client believes the authority that it is told of")
    func tls() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "leasehold-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.path + "/cert.pem", folder.path + "/key.pem")
        let made = try Lab.execute(
            URL(fileURLWithPath: "/bin/sh"),
            [
                "-c",
                "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=leasehold -addext subjectAltName=IP:127.0.0.1 -keyout '\(key)' -out '\(certificate)'",
            ])
        try #require(made.status == 0, "\(made.output)")
        let result = try Lab.run(
            #"""
            export LEASEHOLD_ENDPOINT=https://127.0.0.1:9696
            leasehold network create net1 --cacert \#(certificate) -f value -c name
            echo "named=$(OS_CACERT=\#(certificate) leasehold network list -f value -c Name)"
            echo "insecure=$(leasehold network list --insecure -f value -c Name)"
            echo "unknown=$(leasehold network list 2>&1)"
            echo "link=$(curl -s --cacert \#(certificate) https://127.0.0.1:9696/)"
            echo "plain=$(curl -s -o /dev/null -w %{http_code} http://127.0.0.1:9696/)"
            echo "old=$(curl -s --tls-max 1.1 --cacert \#(certificate) https://127.0.0.1:9696/ || echo refused)"
            """#,
            settings: "[DEFAULT]\nuse_ssl = true\n[ssl]\ncert_file = \(certificate)\nkey_file = \(key)\n")
        #expect(result.status == 0, "\(result.output)")
        #expect(result["named"] == ["net1"], "\(result.output)")
        #expect(result["insecure"] == ["net1"], "\(result.output)")
        #expect(result["unknown"].first?.contains("is not trusted") == true, "\(result.output)")
        #expect(result["link"].first?.contains("https://127.0.0.1:9696/v2.0/") == true, "\(result.output)")
        #expect(result["plain"] == ["000"], "\(result.output)")
        #expect(result["old"] == ["refused"], "\(result.output)")
    }

    /// Keystone reads the arguments of the program, so the server is given none.
    private static let keystoneServer = """
        from keystone.server.wsgi import initialize_public_application
        from waitress import serve
        serve(initialize_public_application(), listen="127.0.0.1:5000", threads=4)
        """

    /// Fernet tokens in SQLite, without a cache that would answer in Keystone's place.
    private static let keystoneConfiguration = """
        [DEFAULT]
        log_file =
        [database]
        connection = sqlite:////run/leasehold/keystone/keystone.db
        [fernet_tokens]
        key_repository = /run/leasehold/keystone/fernet
        [fernet_receipts]
        key_repository = /run/leasehold/keystone/receipts
        [credential]
        key_repository = /run/leasehold/keystone/credential
        [identity]
        password_hash_rounds = 4
        [cache]
        enabled = false
        """

    /// Projects, users, and a catalog with the service in it.
    private static let keystoneConnections = """
        def connect(user, password, project):
            return openstack.connect(
                auth=dict(auth_url="http://127.0.0.1:5000/v3", username=user, password=password, project_name=project,
                          user_domain_name="Default", project_domain_name="Default"),
                region_name="R", load_yaml_config=False, load_envvars=False)
        admin = connect("admin", "adminpw", "admin")
        i = admin.identity
        role = {r.name: r for r in i.roles()}
        def user(name, password, project, *roles):
            found = i.find_project(project) or i.create_project(name=project, domain_id="default")
            made = i.create_user(name=name, password=password, domain_id="default")
            for r in roles: i.assign_project_role_to_user(found, made, role[r])
            return connect(name, password, project)
        user("neutron", "servicepw", "service", "service")
        network = i.create_service(type="network", name="neutron")
        i.create_endpoint(service_id=network.id, interface="public", region_id="R", url="http://127.0.0.1:9696")
        blue = user("alice", "alicepw", "blue", "member")
        red = user("bob", "bobpw", "red", "member")
        reader = user("carol", "carolpw", "blue", "reader")
        # The catalog of the first one has no network service yet.
        admin = connect("admin", "adminpw", "admin")
        """

    /// A token is used, revoked, and used until it is noticed; then one more is left for the outage.
    private static let revocation = """
        import sys, time, warnings
        warnings.simplefilter("ignore")
        import openstack, requests
        def connect(**more):
            return openstack.connect(
                auth=dict(auth_url="http://127.0.0.1:5000/v3", username="alice", password="alicepw", project_name="blue",
                          user_domain_name="Default", project_domain_name="Default", **more),
                region_name="R", load_yaml_config=False, load_envvars=False)
        def status(token):
            return requests.get("http://127.0.0.1:9696/v2.0/networks", headers={"X-Auth-Token": token}).status_code
        # What was found out of a token is kept for twenty seconds: once more where that was over by itself.
        for attempt in range(20):
            token = connect().auth_token
            start = time.monotonic()
            seen = [status(token)]
            requests.delete("http://127.0.0.1:5000/v3/auth/tokens",
                            headers={"X-Auth-Token": token, "X-Subject-Token": token}).raise_for_status()
            seen.append(status(token))
            if time.monotonic() - start < 20: break
        deadline = time.time() + 120
        while (last := status(token)) != 401 and time.time() < deadline: time.sleep(0.25)
        print("revoked=" + " ".join(map(str, seen + [last])))
        print("expired=" + str(status(token)))
        open(sys.argv[1], "w").write(connect().auth_token)
        """
}
