using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Indexes;

/// <summary>
/// "a find never returns an entity that does not match or is gone": a search takes what the index says in portions, and everything may change between the
/// portion and the entity's turn. Each test takes one step of a search, changes the rest, and goes on.
/// </summary>
public sealed class ChangesDuringSearchTests
{
    private const int Count = 8;

    private static EmployeeRepository Filled(MemStore store)
    {
        EmployeeRepository employees = store.Employees();
        for (int i = 0; i < Count; i++)
            Assert.Equal(SetResult.Stored, employees.Set(new Employee { Id = i, Team = "a", Salary = i * 10 }, i == 3 ? TimeSpan.FromSeconds(5) : TimeSpan.FromHours(1)));
        return employees;
    }

    // the first found, then the change, then the rest
    private static int[] Search(IEnumerable<Employee> search, Action change)
    {
        using IEnumerator<Employee> walk = search.GetEnumerator();
        Assert.True(walk.MoveNext());
        List<int> found = [walk.Current.Id];
        change();
        while (walk.MoveNext())
            found.Add(walk.Current.Id);
        return [.. found];
    }

    [Fact]
    public void What_was_changed_to_another_value_is_not_found()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = Filled(store);
        Assert.Equal([0, 2, 3, 4, 5, 6, 7], Search(employees.FindByTeam("a"), () => Assert.Equal(UpdateResult.Updated, employees.Update(1, e => e.Team = "b"))));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Search(employees.FindSalaryBetween(0, 100), () => Assert.Equal(UpdateResult.Updated, employees.Update(7, e => e.Salary = 101))));
        // downwards, where only the comparison with the entity itself can tell
        Assert.Equal([0, 2, 3, 4, 5, 7], Search(employees.FindByTeam("a"), () => Assert.Equal(UpdateResult.Updated, employees.Update(6, e => e.Team = null))));
        Assert.Equal([0, 1, 2, 3, 4, 6], Search(employees.FindSalaryBetween(0, 100), () => Assert.Equal(UpdateResult.Updated, employees.Update(5, e => e.Salary = -1))));
    }

    [Fact]
    public void What_is_replicated_with_its_old_value_is_found_also_far_behind()
    {
        using MemStore store = TestStores.Create(static o => o.MaxMemoryMB = 4); // one stripe
        using MemStore replica = TestStores.Create(static o => (o.MaxMemoryMB, o.NodeId) = (4, 7));
        EmployeeRepository employees = store.Employees();
        const int Many = 300;
        for (int i = 0; i < Many; i++)
            employees.SetOrThrow(new Employee { Id = i, Salary = i });
        using IEnumerator<Employee> walk = employees.FindSalaryBetween(0, Many).GetEnumerator();
        List<int> found = [];
        for (int i = 0; i < 10; i++)
        {
            Assert.True(walk.MoveNext());
            found.Add(walk.Current.Id);
        }
        // written elsewhere: its bytes arrive here, and what they say of the index is not known
        Assert.Equal(SetResult.Stored, replica.Employees().Set(new Employee { Id = 200, Salary = 200, Team = "changed" }, store.Clock.Next()));
        foreach (SyncOperation operation in replica.GetSyncBuffer().Operations)
            Assert.Equal(SetResult.Stored, store.Apply(operation));
        string? team = null;
        while (walk.MoveNext())
        {
            found.Add(walk.Current.Id);
            team ??= walk.Current.Team;
        }
        Assert.Equal(Enumerable.Range(0, Many), found);
        Assert.Equal("changed", team);
    }

    [Fact]
    public void What_was_deleted_expired_or_cleared_is_not_found()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        EmployeeRepository employees = Filled(store);
        Assert.Equal([0, 1, 2, 4, 5, 6], Search(employees.FindByTeam("a"), () =>
        {
            Assert.Equal(DeleteResult.Deleted, employees.Delete(7));
            clock.Advance(TimeSpan.FromSeconds(5));
        }));
        Assert.Equal([0], Search(employees.FindByTeam("a"), store.Clear));
    }

    [Fact]
    public void What_moved_forward_in_the_order_is_found_once_where_it_is_now()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = Filled(store);
        Assert.Equal([0, 2, 3, 4, 1, 5, 6, 7], Search(employees.FindSalaryBetween(0, 100), () => Assert.Equal(UpdateResult.Updated, employees.Update(1, e => e.Salary = 45))));
        // to the end, and beside another one there
        Assert.Equal([0, 3, 4, 1, 5, 6, 2, 7], Search(employees.FindSalaryBetween(0, 70), () => Assert.Equal(UpdateResult.Updated, employees.Update(2, e => e.Salary = 70))));
    }

    [Fact]
    public void What_was_written_again_with_the_same_value_is_found_as_it_is_now()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = Filled(store);
        using IEnumerator<Employee> walk = employees.FindByTeam("a").GetEnumerator();
        Assert.True(walk.MoveNext());
        long version = employees.SetOrThrow(new Employee { Id = 1, Team = "a", Salary = 999 });
        Assert.True(walk.MoveNext());
        Assert.Equal((1, 999, version), (walk.Current.Id, walk.Current.Salary, walk.Current.Version));
    }
}
