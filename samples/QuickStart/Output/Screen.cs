using System.Globalization;
using Spectre.Console;

namespace QuickStart.Output;

/// <summary>Prints the tour and keeps the score of its promises. Works on terminals and into files.</summary>
internal sealed class Screen
{
    private readonly IAnsiConsole _console = AnsiConsole.Console;

    public Screen()
    {
        if (!Console.IsOutputRedirected)
            return;
        // a file has no colours, and no width: the default of 80 would break the lines of the tables
        _console.Profile.Width = 140;
        _console.Profile.Capabilities.Ansi = false;
        _console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }

    /// <summary>How many promises held.</summary>
    public int Held { get; private set; }

    /// <summary>How many did not.</summary>
    public int Broken { get; private set; }

    public void Title(string text)
    {
        _console.WriteLine();
        _console.Write(new Rule($"[bold]{Markup.Escape(text)}[/]").LeftJustified());
    }

    public void Say(FormattableString text) => _console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A promise of the library, and whether it held just now.</summary>
    public void Promise(bool held, FormattableString text)
    {
        _ = held ? Held++ : Broken++;
        _console.Write(held ? new Text("  holds   ", new Style(Color.Green)) : new Text("  BROKEN  ", new Style(Color.Red)));
        _console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Enumerates items while a progress bar follows; a line at the end where there is no terminal.</summary>
    public void WithProgress<T>(string what, IEnumerable<T> items, int count, Action<T> action)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (T item in items)
                action(item);
            return;
        }
        _console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask(what, maxValue: count);
            int done = 0;
            foreach (T item in items)
            {
                action(item);
                if ((++done & 1023) == 0)
                    task.Value = done;
            }
            task.Value = count;
        });
    }

    public void Table(string title, IEnumerable<(string Name, string Value, string Note)> rows)
    {
        Table table = new Table().Title(title).Border(TableBorder.Rounded).AddColumn("what").AddColumn(new TableColumn("value").RightAligned()).AddColumn("note");
        foreach ((string name, string value, string note) in rows)
            table.AddRow(Markup.Escape(name), Markup.Escape(value), Markup.Escape(note));
        _console.WriteLine();
        _console.Write(table);
    }
}
