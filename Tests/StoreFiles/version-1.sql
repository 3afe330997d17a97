PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1: records, claims, revision');
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES('application_id',1279607123,2111439583174749061);
INSERT INTO meta VALUES('revision',14,4528874495524091179);
INSERT INTO meta VALUES('store_id',8744580622683255381,3074372885148548628);
INSERT INTO meta VALUES('schema_version',1,4085233995355955151);
CREATE TABLE networks (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO networks VALUES('2efad40b-23b5-4418-944c-3353af37a581',6,5158645093951532382,'{"adminStateUp":true,"availabilityZoneHints":[],"dnsDomain":"","id":"2efad40b-23b5-4418-944c-3353af37a581","isDefault":false,"isExternal":false,"mtu":1500,"portSecurityEnabled":true,"segment":{"type":"local"},"shared":false,"standard":{"createdAt":{"secondsSinceEpoch":1795404753},"description":"","name":"blue \"1\" umlü","projectID":"p1","revisionNumber":2,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}}}');
INSERT INTO networks VALUES('5f085fbf-b2e0-40eb-b816-f9db46170913',12,6559285915948755245,'{"adminStateUp":true,"availabilityZoneHints":[],"dnsDomain":"","id":"5f085fbf-b2e0-40eb-b816-f9db46170913","isDefault":false,"isExternal":false,"mtu":1450,"portSecurityEnabled":true,"segment":{"segmentationID":77,"type":"vxlan"},"shared":false,"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"other","projectID":"p2","revisionNumber":0,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}}}');
CREATE TABLE subnets (
    id TEXT NOT NULL PRIMARY KEY,
    network_id TEXT NOT NULL,
    name TEXT GENERATED ALWAYS AS (json_extract(body, '$.standard.name')) VIRTUAL,
    cidr TEXT GENERATED ALWAYS AS (json_extract(body, '$.cidr')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO subnets VALUES('99144dbe-8afd-47e3-b866-3aefb54306c8','2efad40b-23b5-4418-944c-3353af37a581',4,6901643104551698480,'{"allocationPools":["10.0.0.2-10.0.0.254"],"cidr":"10.0.0.0/24","dnsNameservers":["8.8.8.8"],"dnsPublishFixedIP":false,"enableDHCP":true,"gatewayIP":"10.0.0.1","hostRoutes":[],"id":"99144dbe-8afd-47e3-b866-3aefb54306c8","networkID":"2efad40b-23b5-4418-944c-3353af37a581","serviceTypes":[],"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"","projectID":"p1","revisionNumber":0,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}}}');
INSERT INTO subnets VALUES('34b91933-039a-40a4-acd8-0afc062ad8d6','2efad40b-23b5-4418-944c-3353af37a581',6,6737179347829404770,'{"allocationPools":["2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"],"cidr":"2001:db8::/64","dnsNameservers":[],"dnsPublishFixedIP":false,"enableDHCP":true,"gatewayIP":"2001:db8::","hostRoutes":[],"id":"34b91933-039a-40a4-acd8-0afc062ad8d6","ipv6AddressMode":"slaac","ipv6RAMode":"slaac","networkID":"2efad40b-23b5-4418-944c-3353af37a581","serviceTypes":[],"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"","projectID":"p1","revisionNumber":0,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}}}');
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
INSERT INTO ports VALUES('bc0bff93-7b56-4919-ab8d-37fd2350ac2e','2efad40b-23b5-4418-944c-3353af37a581',8,-4296776754189490439,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"node-1","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"dhcp9b3b6618-0449-5cf4-ba1a-1bd2727132bc-2efad40b-23b5-4418-944c-3353af37a581","deviceOwner":"network:dhcp","dnsDomain":"","dnsName":"","extraDHCPOptions":[],"fixedIPs":[{"address":"10.0.0.2","subnetID":"99144dbe-8afd-47e3-b866-3aefb54306c8"},{"address":"2001:db8::f816:3eff:fea6:a1bd","subnetID":"34b91933-039a-40a4-acd8-0afc062ad8d6"}],"id":"bc0bff93-7b56-4919-ab8d-37fd2350ac2e","ipAllocation":"immediate","macAddress":"fa:16:3e:a6:a1:bd","networkID":"2efad40b-23b5-4418-944c-3353af37a581","portSecurityEnabled":false,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"","projectID":"p1","revisionNumber":2,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}},"status":"ACTIVE","statusDetail":""}');
INSERT INTO ports VALUES('0c7e242a-86b1-41c6-8f56-78d288547ed2','2efad40b-23b5-4418-944c-3353af37a581',9,1286536889765689509,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"","deviceOwner":"","dnsDomain":"","dnsName":"","extraDHCPOptions":[{"ipVersion":4,"name":"bootfile-name","value":"pxe"}],"fixedIPs":[{"address":"10.0.0.31","subnetID":"99144dbe-8afd-47e3-b866-3aefb54306c8"},{"address":"2001:db8::f816:3eff:fe95:897b","subnetID":"34b91933-039a-40a4-acd8-0afc062ad8d6"}],"id":"0c7e242a-86b1-41c6-8f56-78d288547ed2","ipAllocation":"immediate","macAddress":"fa:16:3e:95:89:7b","networkID":"2efad40b-23b5-4418-944c-3353af37a581","portSecurityEnabled":true,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"vm1","projectID":"p1","revisionNumber":1,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}},"status":"ACTIVE","statusDetail":""}');
INSERT INTO ports VALUES('946ea52e-93cd-4926-82a3-de028cf717ad','2efad40b-23b5-4418-944c-3353af37a581',13,1003435605555552332,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"","deviceOwner":"","dnsDomain":"","dnsName":"","extraDHCPOptions":[{"ipVersion":4,"name":"bootfile-name","value":"pxe"}],"fixedIPs":[{"address":"10.0.0.207","subnetID":"99144dbe-8afd-47e3-b866-3aefb54306c8"},{"address":"2001:db8::f816:3eff:fe36:3923","subnetID":"34b91933-039a-40a4-acd8-0afc062ad8d6"}],"id":"946ea52e-93cd-4926-82a3-de028cf717ad","ipAllocation":"immediate","macAddress":"fa:16:3e:36:39:23","networkID":"2efad40b-23b5-4418-944c-3353af37a581","portSecurityEnabled":true,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"vm2","projectID":"p2","revisionNumber":1,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}},"status":"ACTIVE","statusDetail":""}');
INSERT INTO ports VALUES('b3e7d5d1-1b8a-4169-be05-ce0546e0423e','2efad40b-23b5-4418-944c-3353af37a581',14,-5412920797704437452,'{"adminStateUp":true,"allowedAddressPairs":[],"bindingHostID":"","bindingProfile":"{}","bindingVNICType":"normal","deviceID":"","deviceOwner":"","dnsDomain":"","dnsName":"","extraDHCPOptions":[{"ipVersion":4,"name":"bootfile-name","value":"pxe"}],"fixedIPs":[{"address":"10.0.0.240","subnetID":"99144dbe-8afd-47e3-b866-3aefb54306c8"},{"address":"2001:db8::f816:3eff:fe3c:69b3","subnetID":"34b91933-039a-40a4-acd8-0afc062ad8d6"}],"id":"b3e7d5d1-1b8a-4169-be05-ce0546e0423e","ipAllocation":"immediate","macAddress":"fa:16:3e:3c:69:b3","networkID":"2efad40b-23b5-4418-944c-3353af37a581","portSecurityEnabled":true,"securityGroups":[],"standard":{"createdAt":{"secondsSinceEpoch":1795404754},"description":"","name":"vm3","projectID":"p3","revisionNumber":1,"tags":[],"updatedAt":{"secondsSinceEpoch":1795404754}},"status":"ACTIVE","statusDetail":""}');
CREATE TABLE agents (
    id TEXT NOT NULL PRIMARY KEY,
    host TEXT GENERATED ALWAYS AS (json_extract(body, '$.host')) VIRTUAL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO agents VALUES('f672909d-ab4a-4fcf-9059-2c25f5e186db',3,-5950454286672191993,'{"adminStateUp":true,"agentType":"DHCP agent","availabilityZone":"nova","binary":"neutron-dhcp-agent","configurations":{"dhcpDriver":"dnsmasq","dhcpLeaseDuration":86400,"logAgentHeartbeats":false,"networks":0,"ports":0,"problems":[],"subnets":0},"createdAt":{"secondsSinceEpoch":1795404752},"description":"","heartbeatAt":{"secondsSinceEpoch":1795404753},"host":"node-1","id":"f672909d-ab4a-4fcf-9059-2c25f5e186db","startedAt":{"secondsSinceEpoch":1795404752},"topic":"dhcp_agent"}');
CREATE TABLE addresses (
    subnet_id TEXT NOT NULL,
    address TEXT NOT NULL,
    port_id TEXT NOT NULL REFERENCES ports (id),
    PRIMARY KEY (subnet_id, address)
) STRICT, WITHOUT ROWID;
INSERT INTO addresses VALUES('34b91933-039a-40a4-acd8-0afc062ad8d6','2001:db8::f816:3eff:fe95:897b','0c7e242a-86b1-41c6-8f56-78d288547ed2');
INSERT INTO addresses VALUES('99144dbe-8afd-47e3-b866-3aefb54306c8','10.0.0.31','0c7e242a-86b1-41c6-8f56-78d288547ed2');
INSERT INTO addresses VALUES('34b91933-039a-40a4-acd8-0afc062ad8d6','2001:db8::f816:3eff:fe36:3923','946ea52e-93cd-4926-82a3-de028cf717ad');
INSERT INTO addresses VALUES('99144dbe-8afd-47e3-b866-3aefb54306c8','10.0.0.207','946ea52e-93cd-4926-82a3-de028cf717ad');
INSERT INTO addresses VALUES('34b91933-039a-40a4-acd8-0afc062ad8d6','2001:db8::f816:3eff:fe3c:69b3','b3e7d5d1-1b8a-4169-be05-ce0546e0423e');
INSERT INTO addresses VALUES('99144dbe-8afd-47e3-b866-3aefb54306c8','10.0.0.240','b3e7d5d1-1b8a-4169-be05-ce0546e0423e');
INSERT INTO addresses VALUES('34b91933-039a-40a4-acd8-0afc062ad8d6','2001:db8::f816:3eff:fea6:a1bd','bc0bff93-7b56-4919-ab8d-37fd2350ac2e');
INSERT INTO addresses VALUES('99144dbe-8afd-47e3-b866-3aefb54306c8','10.0.0.2','bc0bff93-7b56-4919-ab8d-37fd2350ac2e');
CREATE TABLE macs (
    network_id TEXT NOT NULL,
    mac TEXT NOT NULL,
    port_id TEXT NOT NULL REFERENCES ports (id),
    PRIMARY KEY (network_id, mac)
) STRICT, WITHOUT ROWID;
INSERT INTO macs VALUES('2efad40b-23b5-4418-944c-3353af37a581','fa:16:3e:95:89:7b','0c7e242a-86b1-41c6-8f56-78d288547ed2');
INSERT INTO macs VALUES('2efad40b-23b5-4418-944c-3353af37a581','fa:16:3e:36:39:23','946ea52e-93cd-4926-82a3-de028cf717ad');
INSERT INTO macs VALUES('2efad40b-23b5-4418-944c-3353af37a581','fa:16:3e:3c:69:b3','b3e7d5d1-1b8a-4169-be05-ce0546e0423e');
INSERT INTO macs VALUES('2efad40b-23b5-4418-944c-3353af37a581','fa:16:3e:a6:a1:bd','bc0bff93-7b56-4919-ab8d-37fd2350ac2e');
CREATE TABLE segments (
    network_type TEXT NOT NULL,
    physical_network TEXT NOT NULL,
    segmentation_id TEXT NOT NULL,
    network_id TEXT NOT NULL REFERENCES networks (id),
    PRIMARY KEY (network_type, physical_network, segmentation_id)
) STRICT, WITHOUT ROWID;
INSERT INTO segments VALUES('vxlan','','77','5f085fbf-b2e0-40eb-b816-f9db46170913');
CREATE TABLE agent_hosts (
    agent_type TEXT NOT NULL,
    host TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    PRIMARY KEY (agent_type, host)
) STRICT, WITHOUT ROWID;
INSERT INTO agent_hosts VALUES('DHCP agent','node-1','f672909d-ab4a-4fcf-9059-2c25f5e186db');
CREATE INDEX subnets_by_network ON subnets (network_id, revision);
CREATE INDEX ports_by_network ON ports (network_id, revision);
CREATE INDEX ports_by_revision ON ports (revision);
CREATE INDEX addresses_by_port ON addresses (port_id);
CREATE INDEX macs_by_port ON macs (port_id);
CREATE INDEX segments_by_network ON segments (network_id);
CREATE INDEX agent_hosts_by_agent ON agent_hosts (agent_id);
COMMIT;
