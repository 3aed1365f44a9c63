// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/clients.h"

#include "harness/table.h"

// RFC 9769: the first exchange is in basic mode.
static void i3_a_client_without_a_reply_has_nothing_to_ask(void **state)
{
	struct client c = {0};
	(void)state;
	assert_int_equal(client_ask(&c, 0), 0);
	client_take(&c, 0, 77);
	assert_int_equal(client_ask(&c, 1), 77);
}

// A server tells it once.
static void i4_a_client_asks_once_by_a_reply(void **state)
{
	struct client c = {0};
	(void)state;
	client_take(&c, 0, 77);
	assert_int_equal(client_ask(&c, 5), 77);
	assert_int_equal(client_ask(&c, 6), 0);
	assert_int_equal(client_asked(&c, 5), 77);
	assert_int_equal(client_asked(&c, 6), 0);
	client_take(&c, 5, 88);
	assert_int_equal(client_asked(&c, 5), 0);
	assert_int_equal(client_ask(&c, 7), 88);
}

static void a_lost_reply_is_not_waited_for_after_a_later_one(void **state)
{
	struct client c = {0};
	(void)state;
	client_take(&c, 0, 77);
	assert_int_equal(client_ask(&c, 5), 77);
	client_take(&c, 4, 66);
	assert_int_equal(client_asked(&c, 5), 77);
	client_take(&c, 6, 88);
	assert_int_equal(client_asked(&c, 5), 0);
	assert_int_equal(client_ask(&c, 7), 88);
}

static void room_is_made_for_those_who_come(void **state)
{
	struct clients all = {0};
	(void)state;
	assert_true(clients_make_room(&all, 2));
	client_take(&all.each[1], 0, 77);
	assert_true(clients_make_room(&all, 100000));
	assert_true(clients_make_room(&all, 10));
	assert_int_equal(all.count, 100000);
	assert_int_equal(client_ask(&all.each[1], 1), 77);
	for (uint32_t i = 2; i < all.count; i++)
		assert_true(all.each[i].receive == 0 && all.each[i].asker == 0);
	clients_free(&all);
	clients_free(&all);
}

static void a_new_run_keeps_what_is_not_asked_yet(void **state)
{
	struct clients all = {0};
	(void)state;
	assert_true(clients_make_room(&all, 2));
	client_take(&all.each[0], 0, 77);
	client_take(&all.each[1], 1, 88);
	assert_int_equal(client_ask(&all.each[1], 1000), 88);
	clients_begin(&all);
	assert_int_equal(client_ask(&all.each[0], 0), 77);
	assert_int_equal(client_ask(&all.each[1], 1), 0);
	// Numbers begin anew, and are not taken for those before 1000.
	client_take(&all.each[1], 1, 99);
	assert_int_equal(client_ask(&all.each[1], 2), 99);
	clients_free(&all);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, i3_a_client_without_a_reply_has_nothing_to_ask);
	TABLE_ADD(&t, i4_a_client_asks_once_by_a_reply);
	TABLE_ADD(&t, a_lost_reply_is_not_waited_for_after_a_later_one);
	TABLE_ADD(&t, room_is_made_for_those_who_come);
	TABLE_ADD(&t, a_new_run_keeps_what_is_not_asked_yet);
	return table_run("load clients", &t);
}
