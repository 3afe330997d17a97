PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE addresses (
    subnet_id TEXT NOT NULL,
    address TEXT NOT NULL,
    port_id TEXT NOT NULL REFERENCES ports (id),
    PRIMARY KEY (subnet_id, address)
) STRICT, WITHOUT ROWID;
INSERT INTO "addresses" VALUES('c254f88a-9da6-4200-8b60-2b518251a274','10.8.0.9','3d779d4d-7add-4561-aa6d-847530805853');
INSERT INTO "addresses" VALUES('c254f88a-9da6-4200-8b60-2b518251a274','10.8.0.10','77a088d4-e522-4a57-a090-c0a7bc611ecc');
INSERT INTO "addresses" VALUES('c254f88a-9da6-4200-8b60-2b518251a274','10.8.0.2','ca64658f-10f9-429c-a33c-cf586a76208b');
CREATE TABLE agent_hosts (
    agent_type TEXT NOT NULL,
    host TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    PRIMARY KEY (agent_type, host)
) STRICT, WITHOUT ROWID;
INSERT INTO "agent_hosts" VALUES('DHCP agent','node-1','ed5dd7be-43c5-441c-9680-32bba8d4cd65');
CREATE TABLE agents (
    id TEXT NOT NULL PRIMARY KEY,
    host TEXT GENERATED ALWAYS AS (json_extract(body, '$.host')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO "agents" VALUES('ed5dd7be-43c5-441c-9680-32bba8d4cd65',8,2968950143184302993,'{"adminStateUp":true,"agentType":"DHCP agent","availabilityZone":"nova","binary":"neutron-dhcp-agent","configurations":{"dhcpDriver":"native","dhcpLeaseDuration":86400,"logAgentHeartbeats":false,"networks":0,"ports":0,"problems":["network dc09e99a-7421-47dc-92d4-d82536da69f3: wire network dc09e99a-7421-47dc-92d4-d82536da69f3: a vxlan network needs local_ip"],"subnets":0},"createdAt":{"secondsSinceEpoch":1795433893},"description":"","heartbeatAt":{"secondsSinceEpoch":1795433896},"host":"node-1","id":"ed5dd7be-43c5-441c-9680-32bba8d4cd65","startedAt":{"secondsSinceEpoch":1795433893},"topic":"dhcp_agent"}');
CREATE TABLE default_subnetpools (
    ip_version TEXT NOT NULL PRIMARY KEY,
    subnetpool_id TEXT NOT NULL REFERENCES subnetpools (id)
) STRICT, WITHOUT ROWID;
INSERT INTO "default_subnetpools" VALUES('4','b5549424-5738-42d2-bee3-cbdeecda435c');
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1: records, claims, revision');
INSERT INTO "grdb_migrations" VALUES('2: subnet pools, quotas');
CREATE TABLE macs (
    network_id TEXT NOT NULL,
    mac TEXT NOT NULL,
    port_id TEXT NOT NULL REFERENCES ports (id),
    PRIMARY KEY (network_id, mac)
) STRICT, WITHOUT ROWID;
INSERT INTO "macs" VALUES('dc09e99a-7421-47dc-92d4-d82536da69f3','fa:16:3e:00:00:01','3d779d4d-7add-4561-aa6d-847530805853');
INSERT INTO "macs" VALUES('dc09e99a-7421-47dc-92d4-d82536da69f3','fa:16:3e:00:00:02','77a088d4-e522-4a57-a090-c0a7bc611ecc');
INSERT INTO "macs" VALUES('dc09e99a-7421-47dc-92d4-d82536da69f3','fa:16:3e:9e:a7:ee','ca64658f-10f9-429c-a33c-cf586a76208b');
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('application_id',1279607123,2111439583174749061);
INSERT INTO "meta" VALUES('revision',13,-2168071725378677048);
INSERT INTO "meta" VALUES('store_id',7740966635609715767,-2216090868871178423);
INSERT INTO "meta" VALUES('schema_version',2,-2611712225546813076);
CREATE TABLE networks (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO "networks" VALUES('dc09e99a-7421-47dc-92d4-d82536da69f3',5,-8721548173651364700,'{"adminStateUp":true,"availabilityZoneHints":[],"dnsDomain":"","id":"dc09e99a-7421-47dc-92d4-d82536da69f3","isDefault":false,"isExternal":false,"mtu":1450,"portSecurityEnabled":true,"segment":{"segmentationID":77,"type":"vxlan"},"shared":false,"standard":{"createdAt":{"secondsSinceEpoch":1795433895},"description":"","name":"blue","projectID":"p1","revisionNumber":2,"tags":[],"updatedAt":{"secondsSinceEpoch":1795433896}}}');
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
INSERT INTO "ports" VALUES('ca64658f-10f9-429c-a33c-cf586a76208b','dc09e99a-7421-47dc-92d4-d82536da69f3',7,-6156097761549655001,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"node-1","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"dhcp9b3b6618-0449-5cf4-ba1a-1bd2727132bc-dc09e99a-7421-47dc-92d4-d82536da69f3","deviceOwner":"network:dhcp","dnsDomain":"","dnsName":"","extraDHCPOptions":[],"fixedIPs":[{"address":"10.8.0.2","subnetID":"c254f88a-9da6-4200-8b60-2b518251a274"}],"id":"ca64658f-10f9-429c-a33c-cf586a76208b","ipAllocation":"immediate","macAddress":"fa:16:3e:9e:a7:ee","networkID":"dc09e99a-7421-47dc-92d4-d82536da69f3","portSecurityEnabled":false,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795433896},"description":"","name":"","projectID":"p1","revisionNumber":2,"tags":[],"updatedAt":{"secondsSinceEpoch":1795433896}},"status":"ERROR","statusDetail":"wire network dc09e99a-7421-47dc-92d4-d82536da69f3: a vxlan network needs local_ip"}');
INSERT INTO "ports" VALUES('3d779d4d-7add-4561-aa6d-847530805853','dc09e99a-7421-47dc-92d4-d82536da69f3',10,5190268139657139469,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"","deviceOwner":"","dnsDomain":"","dnsName":"","extraDHCPOptions":[],"fixedIPs":[{"address":"10.8.0.9","subnetID":"c254f88a-9da6-4200-8b60-2b518251a274"}],"id":"3d779d4d-7add-4561-aa6d-847530805853","ipAllocation":"immediate","macAddress":"fa:16:3e:00:00:01","networkID":"dc09e99a-7421-47dc-92d4-d82536da69f3","portSecurityEnabled":true,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795433896},"description":"","name":"vm1","projectID":"p1","revisionNumber":2,"tags":[],"updatedAt":{"secondsSinceEpoch":1795433896}},"status":"ERROR","statusDetail":"wire network dc09e99a-7421-47dc-92d4-d82536da69f3: a vxlan network needs local_ip"}');
INSERT INTO "ports" VALUES('77a088d4-e522-4a57-a090-c0a7bc611ecc','dc09e99a-7421-47dc-92d4-d82536da69f3',12,5402663649618499171,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"","deviceOwner":"","dnsDomain":"","dnsName":"","extraDHCPOptions":[],"fixedIPs":[{"address":"10.8.0.10","subnetID":"c254f88a-9da6-4200-8b60-2b518251a274"}],"id":"77a088d4-e522-4a57-a090-c0a7bc611ecc","ipAllocation":"immediate","macAddress":"fa:16:3e:00:00:02","networkID":"dc09e99a-7421-47dc-92d4-d82536da69f3","portSecurityEnabled":true,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795433896},"description":"","name":"vm2","projectID":"p1","revisionNumber":2,"tags":[],"updatedAt":{"secondsSinceEpoch":1795433896}},"status":"ERROR","statusDetail":"wire network dc09e99a-7421-47dc-92d4-d82536da69f3: a vxlan network needs local_ip"}');
CREATE TABLE quotas (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.projectID')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO "quotas" VALUES('aa6d49d3-be8b-5de6-9dbe-2dbd1f0ed765',13,-6586517427567420344,'{"limits":{"network":3,"port":9},"projectID":"p1"}');
CREATE TABLE segments (
    network_type TEXT NOT NULL,
    physical_network TEXT NOT NULL,
    segmentation_id TEXT NOT NULL,
    network_id TEXT NOT NULL REFERENCES networks (id),
    PRIMARY KEY (network_type, physical_network, segmentation_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "segments" VALUES('vxlan','','77','dc09e99a-7421-47dc-92d4-d82536da69f3');
CREATE TABLE subnetpools (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
    prefixes TEXT GENERATED ALWAYS AS (json_extract(body, '$.prefixes')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO "subnetpools" VALUES('b5549424-5738-42d2-bee3-cbdeecda435c',3,2982855612966897326,'{"defaultPrefixLength":24,"id":"b5549424-5738-42d2-bee3-cbdeecda435c","ipVersion":4,"isDefault":true,"maxPrefixLength":32,"minPrefixLength":8,"prefixes":["10.8.0.0/16"],"shared":false,"standard":{"createdAt":{"secondsSinceEpoch":1795433895},"description":"","name":"pool ü","projectID":"p1","revisionNumber":0,"tags":[],"updatedAt":{"secondsSinceEpoch":1795433895}}}');
CREATE TABLE subnets (
    id TEXT NOT NULL PRIMARY KEY,
    network_id TEXT NOT NULL,
    name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
    cidr TEXT GENERATED ALWAYS AS (json_extract(body, '$.cidr')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
, subnetpool_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.subnetpoolID')) VIRTUAL) STRICT;
INSERT INTO "subnets" VALUES('c254f88a-9da6-4200-8b60-2b518251a274','dc09e99a-7421-47dc-92d4-d82536da69f3',5,-4773917105134816097,'{"allocationPools":["10.8.0.2-10.8.0.254"],"cidr":"10.8.0.0/24","dnsNameservers":[],"dnsPublishFixedIP":false,"enableDHCP":true,"gatewayIP":"10.8.0.1","hostRoutes":[],"id":"c254f88a-9da6-4200-8b60-2b518251a274","networkID":"dc09e99a-7421-47dc-92d4-d82536da69f3","serviceTypes":[],"standard":{"createdAt":{"secondsSinceEpoch":1795433896},"description":"","name":"s","projectID":"p1","revisionNumber":0,"tags":[],"updatedAt":{"secondsSinceEpoch":1795433896}},"subnetpoolID":"b5549424-5738-42d2-bee3-cbdeecda435c"}');
CREATE INDEX subnets_by_network ON subnets (network_id, revision);
CREATE INDEX ports_by_network ON ports (network_id, revision);
CREATE INDEX ports_by_revision ON ports (revision);
CREATE INDEX addresses_by_port ON addresses (port_id);
CREATE INDEX macs_by_port ON macs (port_id);
CREATE INDEX segments_by_network ON segments (network_id);
CREATE INDEX agent_hosts_by_agent ON agent_hosts (agent_id);
CREATE INDEX default_subnetpools_by_subnetpool ON default_subnetpools (subnetpool_id);
CREATE INDEX subnets_by_subnetpool ON subnets (subnetpool_id, revision)
    WHERE subnetpool_id IS NOT NULL;
COMMIT;
