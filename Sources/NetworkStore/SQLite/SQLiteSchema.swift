import GRDB

/// The tables of a store file, and how an older file becomes a present one.
enum SQLiteSchema {
    /// `PRAGMA application_id` of our files: "LEAS".
    static let applicationID: Int32 = 0x4C45_4153

    /// The names of the migrations; the position of the last one applied is `PRAGMA user_version`.
    static let migrations = [
        "1: records, claims, revision", "2: subnet pools, quotas",
        "3: views in place of columns, no indexes by holder",
    ]

    /// The schema version that this code reads and writes.
    static var version: Int32 { Int32(migrations.count) }

    /// The migrations, each of which ends by noting its version in the file's header.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(migrations[0]) { db in
            try db.execute(sql: firstSchema)
            // `store_id` tells this store from every other, wherever its name is left behind.
            let values = [
                ("application_id", Int64(applicationID)), ("revision", 0),
                ("store_id", .random(in: 1 ... .max)),
            ]
            for (name, value) in values {
                try db.execute(
                    sql: "INSERT INTO meta (name, value, checksum) VALUES (?, ?, ?)",
                    arguments: [name, value, Checksum.ofMeta(name, value)])
            }
            try note(version: 1, in: db)
        }
        // Nothing refers to what is new here: to check all rows again would take as long as a start.
        migrator.registerMigration(migrations[1], foreignKeyChecks: .immediate) { db in
            try db.execute(sql: secondSchema)
            try note(version: 2, in: db)
        }
        migrator.registerMigration(migrations[2], foreignKeyChecks: .immediate) { db in
            try db.execute(sql: thirdSchema)
            try note(version: 3, in: db)
        }
        return migrator
    }

    private static func note(version: Int64, in db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value, checksum) VALUES ('schema_version', ?, ?)",
            arguments: [version, Checksum.ofMeta("schema_version", version)])
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Every object of a file at the version: its name and the SQL that made it.
    static func objects(atVersion version: Int32) throws -> [String: String] {
        let model = try DatabaseQueue()
        try migrator.migrate(model, upTo: migrations[Int(version) - 1])
        return try model.read { db in try objects(of: db) }
    }

    /// Every object of the file: its name and the SQL that made it.
    static func objects(of db: Database) throws -> [String: String] {
        var objects: [String: String] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT type || ' ' || name || ' on ' || tbl_name, sql FROM sqlite_schema")
        while let row = try rows.next() { objects[try row.read(0)] = row[1] ?? "" }
        return objects
    }

    // A record is its body; what stands beside it serves conditions. A claim is a row whose key nobody else can
    // have.
    private static let firstSchema = """
        CREATE TABLE meta (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE networks (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
            revision INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;

        CREATE TABLE subnets (
            id TEXT NOT NULL PRIMARY KEY,
            network_id TEXT NOT NULL,
            name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
            cidr TEXT GENERATED ALWAYS AS (json_extract(body, '$.cidr')) VIRTUAL,
            revision INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX subnets_by_network ON subnets (network_id, revision);

        CREATE TABLE ports (
            id TEXT NOT NULL PRIMARY KEY,
            network_id TEXT NOT NULL,
            name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
            mac_address TEXT GENERATED ALWAYS AS (json_extract(body, '$.macAddress')) VIRTUAL,
            device_owner TEXT GENERATED ALWAYS AS (json_extract(body, '$.deviceOwner')) VIRTUAL,
            status TEXT GENERATED ALWAYS AS (json_extract(body, '$.status')) VIRTUAL,
            revision INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX ports_by_network ON ports (network_id, revision);
        CREATE INDEX ports_by_revision ON ports (revision);

        CREATE TABLE agents (
            id TEXT NOT NULL PRIMARY KEY,
            host TEXT GENERATED ALWAYS AS (json_extract(body, '$.host')) VIRTUAL,
            revision INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;

        CREATE TABLE addresses (
            subnet_id TEXT NOT NULL,
            address TEXT NOT NULL,
            port_id TEXT NOT NULL REFERENCES ports (id),
            PRIMARY KEY (subnet_id, address)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX addresses_by_port ON addresses (port_id);

        CREATE TABLE macs (
            network_id TEXT NOT NULL,
            mac TEXT NOT NULL,
            port_id TEXT NOT NULL REFERENCES ports (id),
            PRIMARY KEY (network_id, mac)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX macs_by_port ON macs (port_id);

        -- '' where the segment has no physical network or no id: NULL would never collide.
        CREATE TABLE segments (
            network_type TEXT NOT NULL,
            physical_network TEXT NOT NULL,
            segmentation_id TEXT NOT NULL,
            network_id TEXT NOT NULL REFERENCES networks (id),
            PRIMARY KEY (network_type, physical_network, segmentation_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX segments_by_network ON segments (network_id);

        CREATE TABLE agent_hosts (
            agent_type TEXT NOT NULL,
            host TEXT NOT NULL,
            agent_id TEXT NOT NULL REFERENCES agents (id),
            PRIMARY KEY (agent_type, host)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agent_hosts_by_agent ON agent_hosts (agent_id);
        """

    private static let secondSchema = """
        CREATE TABLE subnetpools (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
            prefixes TEXT GENERATED ALWAYS AS (json_extract(body, '$.prefixes')) VIRTUAL,
            revision INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;

        CREATE TABLE default_subnetpools (
            ip_version TEXT NOT NULL PRIMARY KEY,
            subnetpool_id TEXT NOT NULL REFERENCES subnetpools (id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX default_subnetpools_by_subnetpool ON default_subnetpools (subnetpool_id);

        CREATE TABLE quotas (
            id TEXT NOT NULL PRIMARY KEY,
            project_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.projectID')) VIRTUAL,
            revision INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;

        ALTER TABLE subnets ADD COLUMN
            subnetpool_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.subnetpoolID')) VIRTUAL;
        CREATE INDEX subnets_by_subnetpool ON subnets (subnetpool_id, revision)
            WHERE subnetpool_id IS NOT NULL;
        """

    // What a record holds follows from its body: to find it by an index cost two pages more for every port.
    // And whoever checks a table's integrity computes all its columns, so what people like to see is in views.
    private static let thirdSchema = """
        DROP INDEX addresses_by_port;
        DROP INDEX macs_by_port;
        DROP INDEX segments_by_network;
        DROP INDEX agent_hosts_by_agent;
        DROP INDEX default_subnetpools_by_subnetpool;

        ALTER TABLE networks DROP COLUMN name;
        CREATE VIEW network_list AS SELECT id, json_extract(body, '$.standard.name') AS name, revision FROM networks;

        ALTER TABLE subnets DROP COLUMN name;
        ALTER TABLE subnets DROP COLUMN cidr;
        CREATE VIEW subnet_list AS SELECT id, network_id, subnetpool_id, json_extract(body, '$.standard.name') AS name,
            json_extract(body, '$.cidr') AS cidr, revision FROM subnets;

        ALTER TABLE ports DROP COLUMN name;
        ALTER TABLE ports DROP COLUMN mac_address;
        ALTER TABLE ports DROP COLUMN device_owner;
        ALTER TABLE ports DROP COLUMN status;
        CREATE VIEW port_list AS SELECT id, network_id, json_extract(body, '$.standard.name') AS name,
            json_extract(body, '$.macAddress') AS mac_address, json_extract(body, '$.deviceOwner') AS device_owner,
            json_extract(body, '$.status') AS status, revision FROM ports;

        ALTER TABLE agents DROP COLUMN host;
        CREATE VIEW agent_list AS SELECT id, json_extract(body, '$.host') AS host, revision FROM agents;

        ALTER TABLE subnetpools DROP COLUMN name;
        ALTER TABLE subnetpools DROP COLUMN prefixes;
        CREATE VIEW subnetpool_list AS SELECT id, json_extract(body, '$.standard.name') AS name,
            json_extract(body, '$.prefixes') AS prefixes, revision FROM subnetpools;

        ALTER TABLE quotas DROP COLUMN project_id;
        CREATE VIEW quota_list AS SELECT id, json_extract(body, '$.projectID') AS project_id,
            json_extract(body, '$.limits') AS limits, revision FROM quotas;
        """
}
