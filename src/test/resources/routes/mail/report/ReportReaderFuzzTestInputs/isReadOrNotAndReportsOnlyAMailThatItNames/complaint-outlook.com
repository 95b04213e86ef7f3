Return-Path: <staff@hotmail.example>
From: staff@hotmail.example
To: complaints@bounce.example.com
Date: Sun, 29 Nov 2026 09:00:00 +0000
Subject: complaint about message from 192.0.2.20
Message-ID: <jmrp-1@hotmail.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="jmrp"

--jmrp
Content-Type: message/rfc822
Content-Disposition: inline

X-HmXmrOriginalRecipient: <ada@example.net>
X-MS-Exchange-EOPDirect: true
Return-Path: <bounces@bounce.example.com>
Received: from app.example.com (app.example.com [192.0.2.10])
	by relay.example.com (Postfix) with ESMTPS id 4Z1kQ2
	for <ada@example.net>; Sun, 29 Nov 2026 00:10:00 +0000 (UTC)
Date: Sun, 29 Nov 2026 00:10:00 +0000
From: Early Birds <hello@example.com>
To: Ada Lovelace <ada@example.net>
Message-ID: <7f6c1a52-3b1d-4e9a-9c57-2d8e4f6a1b03@example.com>
Subject: Welcome to Early Birds
MIME-Version: 1.0
Auto-Submitted: auto-generated
Content-Type: text/plain; charset=UTF-8

Hello Ada,

you have a place in the queue. Welcome!

--jmrp--
